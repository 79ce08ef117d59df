"""Paused, extended and short-day deadlines worked out by hand: limit, start, due, [pauses], [+days], why.

Times are +08:00 of 2026 unless they name the year. A pause is written ``stop/resume``; an extension ``+2``.
Calendar ``cn``: 9-12 and 13-17. ``SHORT`` is the same with short days: 2026-12-31 open 9-12 only, Saturday
2026-12-19 open 10-12 in exchange.
"""

PAUSED = """
# A pause over a weekend costs working limits nothing but the open time it covers
1wd   03-06T10:00  03-09T17:00  03-06T17:00/03-09T09:00  Friday evening to Monday morning: nothing open
1wd   03-06T10:00  03-10T10:00  03-06T16:00/03-09T09:00  one open hour on Friday: Tuesday 10:00
1wd   03-06T10:00  03-10T09:30  03-07T10:00/03-09T09:30  half an hour on Monday
4wh   03-06T15:00  03-09T11:00  03-07T00:00/03-08T23:59  all of it on the weekend
4wh   03-06T15:00  03-09T12:00  03-06T16:00/03-09T09:00  one hour ran on Friday, three are left: noon
4wh   03-06T15:00  03-09T14:00  03-06T16:00/03-09T10:00  from 10:00: two hours to noon, one after lunch
5wd   03-02T09:00  03-09T17:00  03-06T17:00/03-07T09:00  the night and nothing else
5wd   03-02T09:00  03-10T17:00  03-04T09:00/03-05T09:00  a whole Wednesday: one more day
5wd   03-02T09:00  03-12T17:00  03-04T09:00/03-09T09:00  Wednesday, Thursday, Friday: three more days
10wd  02-09T09:00  03-02T17:00  02-14T09:00/02-24T09:00  the make-up Saturday is lost, no festival
24h   03-06T16:00  03-09T16:00  03-07T00:00/03-09T00:00  the 24-hour clock loses all of Saturday and Sunday
# A pause that covers the make-up day
2wh   09-18T16:00  09-21T10:00  09-19T00:00/09-21T00:00  the working Sunday 20 is passed over
1wd   09-18T10:00  09-21T17:00  09-20T00:00/09-21T00:00  seven hours of Sunday are lost, Monday makes them up
# Twenty-four hours across the Spring Festival
24h   02-14T10:00  02-24T10:00  02-14T12:00/02-23T12:00  nine days of pause
2h    02-16T10:00  02-16T13:00  02-16T11:00/02-16T12:00  in the middle of it
24h   02-14T16:00  02-15T16:00  none                     no calendar is asked
# Pauses at the edges
5wd   03-02T09:00  03-09T17:00  03-09T17:00/03-12T09:00  begins at the due moment: too late to matter
5wd   03-02T09:00  03-09T17:00  03-04T11:00/03-04T11:00  resumed at once
5wd   03-02T09:00  03-09T17:00  03-01T09:00/03-02T09:00  over before the start
4wh   03-02T09:00  03-02T17:00  03-02T10:00/03-02T14:00  lunch inside the pause: one ran, three from 14:00
4wh   03-02T09:00  03-02T15:00  03-02T12:00/03-02T14:00  three ran before noon, one from 14:00
4wh   03-02T09:00  03-02T14:00  03-02T12:00/03-02T13:00  the lunch break itself
2wh   03-02T10:00  03-02T12:00  03-02T12:00/03-02T13:30  due at 12:00 sharp, the pause begins there
3wh   03-02T09:00  03-03T12:00  03-02T09:00/03-03T09:00  due at 12:00 sharp a day later
# Several, overlapping, out of order
4wh   03-02T09:00  03-02T17:00  03-02T11:00/03-02T14:00,03-02T10:00/03-02T12:00  together 10:00 to 14:00
4wh   03-02T09:00  03-03T09:30  03-02T10:00/03-02T11:00,03-02T14:00/03-02T16:30  three and a half hours lost
30min 03-02T10:00  03-02T10:50  03-02T10:10/03-02T10:20,03-02T10:30/03-02T10:40  ten, ten, ten
# Calendar days move on to a working day's closing
10cd  03-02T10:00  03-16T17:00  03-03T10:00/03-05T10:00  two days later would be Saturday 14 at 17:00
3cd   03-02T10:00  03-06T17:00  03-03T10:00/03-04T10:00  one day
5cd   02-10T10:00  02-25T17:00  02-11T10:00/02-12T10:00  moved over the festival to Tuesday 24; a day lost
# Extensions: working days after the day it was due, to their closing
5wd   03-02T09:00  03-16T17:00  none +5                  a week more
1wd   03-05T10:00  03-10T17:00  none +2                  Monday and Tuesday
2wd   02-12T10:00  02-24T17:00  none +1                  from the make-up Saturday over the festival
3wd   09-15T10:00  09-21T17:00  none +2                  due Friday 18; Sunday 20 works, Monday 21
10cd  03-02T10:00  03-16T17:00  none +2                  due Thursday 12; Friday, Monday
5wd   12-24T10:00  2027-01-05T17:00?  none +3            due Thursday 31; 1, 4, 5 as nobody has said otherwise
# Extended and paused
5wd   03-02T09:00  03-17T17:00  03-04T09:00/03-05T09:00 +5   a Wednesday lost, a week more
1wd   03-05T10:00  03-11T10:00  03-06T09:00/03-06T10:00 +2   one hour lost: Wednesday 10:00
# Leap day
2wd   2028-02-28T10:00  2028-03-01T17:00?  none          29 February is a Tuesday
24h   2028-02-28T18:00  2028-03-01T06:00   2028-02-29T00:00/2028-02-29T12:00  twelve hours of it lost
1wd   2028-02-28T10:00  2028-03-01T10:00?  2028-02-29T09:00/2028-02-29T10:00  an hour of the leap day lost
# Year end without the next notice
1wd   12-30T10:00  2027-01-01T10:00?  12-31T16:00/2027-01-01T09:00  the last hour lies in a year nobody knows
4wh   12-31T15:00  2027-01-04T11:00?  12-31T17:00/2027-01-04T09:00  paused over what may be a holiday
"""
SHORT = """
1wd   12-30T10:00  12-31T12:00  none                     the short day closes at noon
2wd   12-18T10:00  12-21T17:00  none                     the short working Saturday counts as a day
1wd   12-18T10:00  12-19T12:00  none                     and closes at noon
4wh   12-18T16:00  12-21T10:00  none                     one on Friday, two on Saturday, one on Monday
2wh   12-31T10:00  12-31T12:00  none                     used up as it closes
3wh   12-31T10:00  2027-01-01T10:00?  none               the rest lies in a year nobody knows yet
1wd   12-30T10:00  2027-01-01T10:00?  12-31T09:00/12-31T10:00  an hour of the short day lost
1wd   12-30T10:00  12-31T12:00  12-31T12:00/12-31T17:00  the afternoon was closed anyway
1cd   12-18T10:00  12-19T12:00  none                     Saturday works, until noon
1wd   12-17T10:00  12-19T12:00  none +1                  extended to the short Saturday
"""
