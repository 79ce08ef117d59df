"""Deadlines worked out by hand with a wall calendar: limit, start, due, why.

Times are +08:00 unless they say so.
A ``?`` after the due moment means provisional. Calendar ``cn``: 9-12 and 13-17; 2025 and 2026 are published.
"""

WORKED = """
# The check values
5wd    2026-09-18T10:00  2026-09-24T17:00  make-up Sunday 20 counts
3wd    2026-09-30T10:00  2026-10-10T17:00  8, 9 and make-up Saturday 10
1wd    2026-02-13T10:00  2026-02-14T17:00  make-up Saturday before the Spring Festival
# Plain weeks
1wd    2026-03-02T10:00  2026-03-03T17:00  Monday to Tuesday
1wd    2026-03-05T16:59  2026-03-06T17:00  late on Thursday is still Thursday
1wd    2026-03-06T09:00  2026-03-09T17:00  Friday to Monday
2wd    2026-03-05T11:00  2026-03-09T17:00  Friday, Monday
3wd    2026-03-02T12:30  2026-03-05T17:00  received in the lunch break
5wd    2026-03-02T09:00  2026-03-09T17:00  a whole week
5wd    2026-03-04T09:00  2026-03-11T17:00  Wednesday to Wednesday
10wd   2026-03-02T09:00  2026-03-16T17:00  two weeks
15wd   2026-03-02T09:00  2026-03-23T17:00  three weeks
20wd   2026-03-02T09:00  2026-03-30T17:00  four weeks
30wd   2026-03-02T09:00  2026-04-14T17:00  31 March is the 21st; 1-3 April 24; 7-10 28; 13, 14
4wd    2026-07-06T09:00  2026-07-10T17:00  Tuesday to Friday
7wd    2026-07-06T09:00  2026-07-15T17:00  7-10 are 4; 13, 14, 15
# Hours of receipt do not matter, the local date does
1wd    2026-03-03T00:00  2026-03-04T17:00  first instant of Tuesday
1wd    2026-03-02T23:59  2026-03-03T17:00  last minute of Monday
1wd    2026-03-02T08:59  2026-03-03T17:00  before opening
1wd    2026-03-02T17:00  2026-03-03T17:00  at closing
1wd    2026-03-02T17:01  2026-03-03T17:00  after closing
1wd    2026-03-02T12:00  2026-03-03T17:00  noon sharp
1wd    2026-03-02T16:00+00:00  2026-03-04T17:00  16:00 in UTC is already Tuesday here
1wd    2026-03-02T15:59+00:00  2026-03-03T17:00  one minute earlier it is not
1wd    2026-03-01T20:00-05:00  2026-03-03T17:00  09:00 on Monday here
1wd    2026-03-02T11:00-05:00  2026-03-04T17:00  midnight of Tuesday here
1wd    2026-03-02T03:00+14:00  2026-03-02T17:00  still Sunday 21:00 here
# Received on days that do not work
1wd    2026-03-07T10:00  2026-03-09T17:00  Saturday to Monday
1wd    2026-03-08T10:00  2026-03-09T17:00  Sunday to Monday
1wd    2026-03-08T23:59  2026-03-09T17:00  last minute of Sunday
2wd    2026-03-07T10:00  2026-03-10T17:00  Monday, Tuesday
5wd    2026-03-08T10:00  2026-03-13T17:00  the whole next week
1wd    2026-02-17T10:00  2026-02-24T17:00  New Year's Day of the moon
5wd    2026-02-17T10:00  2026-02-28T17:00  24-27 and make-up Saturday 28
6wd    2026-02-17T10:00  2026-03-02T17:00  one more is Monday
1wd    2026-10-03T10:00  2026-10-08T17:00  in the October holiday
3wd    2026-10-07T23:00  2026-10-10T17:00  8, 9, make-up Saturday
4wd    2026-10-07T23:00  2026-10-12T17:00  and then Monday
# New Year 2026
1wd    2025-12-31T10:00  2026-01-04T17:00  make-up Sunday
2wd    2025-12-31T10:00  2026-01-05T17:00  and Monday
1wd    2025-12-30T10:00  2025-12-31T17:00  last day of the year
2wd    2025-12-30T10:00  2026-01-04T17:00  then make-up Sunday
5wd    2025-12-29T10:00  2026-01-06T17:00  30, 31, 4, 5, 6
1wd    2026-01-01T00:00  2026-01-04T17:00  first instant of the year
1wd    2026-01-03T12:00  2026-01-04T17:00  Saturday off, Sunday works
1wd    2026-01-04T12:00  2026-01-05T17:00  received on the make-up day
6wd    2026-01-04T12:00  2026-01-12T17:00  5-9 are 5; Monday 12
# Spring Festival 2026
2wd    2026-02-12T10:00  2026-02-14T17:00  Friday, make-up Saturday
3wd    2026-02-12T10:00  2026-02-24T17:00  then nine days off
2wd    2026-02-13T18:00  2026-02-24T17:00  make-up Saturday, Tuesday 24
1wd    2026-02-14T09:00  2026-02-24T17:00  received on the make-up Saturday
5wd    2026-02-14T09:00  2026-02-28T17:00  24-28
5wd    2026-02-13T09:00  2026-02-27T17:00  14, 24, 25, 26, 27
10wd   2026-02-09T09:00  2026-02-28T17:00  10-14 are 5; 24-28
10wd   2026-02-06T09:00  2026-02-27T17:00  9-14 are 6; 24-27
1wd    2026-02-27T09:00  2026-02-28T17:00  Friday to make-up Saturday
1wd    2026-02-28T09:00  2026-03-02T17:00  make-up Saturday to Monday
15wd   2026-02-11T09:00  2026-03-10T17:00  12-14 are 3; 24-28 8; 2-6 March 13; 9, 10
# Tomb-sweeping, Labour Day, Dragon Boat
1wd    2026-04-03T09:00  2026-04-07T17:00  Friday to Tuesday
2wd    2026-04-02T09:00  2026-04-07T17:00  Friday, Tuesday
5wd    2026-04-01T09:00  2026-04-09T17:00  2, 3, 7, 8, 9
1wd    2026-04-30T09:00  2026-05-06T17:00  over Labour Day
3wd    2026-04-30T09:00  2026-05-08T17:00  6, 7, 8
4wd    2026-04-30T09:00  2026-05-09T17:00  make-up Saturday
5wd    2026-04-30T09:00  2026-05-11T17:00  then Monday
1wd    2026-05-08T17:30  2026-05-09T17:00  Friday evening to make-up Saturday
1wd    2026-05-09T10:00  2026-05-11T17:00  received on the make-up Saturday
1wd    2026-05-05T10:00  2026-05-06T17:00  last day of the holiday
2wd    2026-06-17T09:00  2026-06-22T17:00  Thursday, then Monday
1wd    2026-06-18T09:00  2026-06-22T17:00  over the Dragon Boat festival
5wd    2026-06-17T09:00  2026-06-25T17:00  18, 22, 23, 24, 25
# Mid-autumn and October 2026
1wd    2026-09-18T09:00  2026-09-20T17:00  Friday to make-up Sunday
1wd    2026-09-19T09:00  2026-09-20T17:00  Saturday to make-up Sunday
1wd    2026-09-20T09:00  2026-09-21T17:00  make-up Sunday to Monday
5wd    2026-09-20T09:00  2026-09-28T17:00  21-24 are 4; Monday 28
2wd    2026-09-23T09:00  2026-09-28T17:00  24, 28
1wd    2026-09-30T16:00  2026-10-08T17:00  the last afternoon
2wd    2026-09-29T16:00  2026-10-08T17:00  30, 8
10wd   2026-09-21T09:00  2026-10-12T17:00  22-24 are 3; 28-30 6; 8, 9, 10; Monday
10wd   2026-09-30T09:00  2026-10-20T17:00  8-10 are 3; 12-16 8; 19, 20
# 2025
1wd    2025-01-24T10:00  2025-01-26T17:00  make-up Sunday
2wd    2025-01-24T10:00  2025-01-27T17:00  and Monday
3wd    2025-01-24T10:00  2025-02-05T17:00  over the Spring Festival
5wd    2025-01-27T10:00  2025-02-10T17:00  5, 6, 7, make-up 8, Monday
1wd    2025-02-07T10:00  2025-02-08T17:00  Friday to make-up Saturday
1wd    2025-04-03T10:00  2025-04-07T17:00  Tomb-sweeping
1wd    2025-04-25T10:00  2025-04-27T17:00  make-up Sunday
4wd    2025-04-25T10:00  2025-04-30T17:00  27-30
5wd    2025-04-25T10:00  2025-05-06T17:00  over Labour Day
1wd    2025-05-30T10:00  2025-06-03T17:00  Dragon Boat on a weekend and Monday
3wd    2025-09-26T10:00  2025-09-30T17:00  make-up Sunday 28, 29, 30
4wd    2025-09-26T10:00  2025-10-09T17:00  eight days off
3wd    2025-09-30T10:00  2025-10-11T17:00  9, 10, make-up Saturday
1wd    2024-12-31T10:00  2025-01-02T17:00  New Year's Day 2025 is off; 2024 itself is not looked at
# Year end without the next notice
1wd    2026-12-30T10:00  2026-12-31T17:00  the last published day is certain
2wd    2026-12-30T10:00  2027-01-01T17:00?  nobody has said yet that 1 January is off
1wd    2026-12-31T10:00  2027-01-01T17:00?  the same
5wd    2026-12-30T10:00  2027-01-06T17:00?  31, 1, 4, 5, 6
1wd    2027-03-01T10:00  2027-03-02T17:00?  all of 2027
4wh    2026-12-31T15:00  2027-01-01T11:00?  two hours in each year
2wh    2026-12-31T15:00  2026-12-31T17:00  used up at closing, certain
24h    2026-12-31T15:00  2027-01-01T15:00  the clock needs no notice
10cd   2026-12-28T10:00  2027-01-07T17:00?  Thursday
3cd    2026-12-28T10:00  2026-12-31T17:00  certain
1wd    2024-06-03T10:00  2024-06-04T17:00?  before the first notice known here
2wh    2024-12-31T16:00  2025-01-02T10:00?  the first hour lies in a year not known here
# Working hours inside one day
1wh    2026-03-02T09:00  2026-03-02T10:00  from opening
1wh    2026-03-02T10:30  2026-03-02T11:30  in the morning
1wh    2026-03-02T11:00  2026-03-02T12:00  used up exactly at the lunch break
1wh    2026-03-02T11:01  2026-03-02T13:01  one minute of it after lunch
1wh    2026-03-02T11:59  2026-03-02T13:59  59 minutes after lunch
1wh    2026-03-02T12:00  2026-03-02T14:00  received at noon sharp
1wh    2026-03-02T12:30  2026-03-02T14:00  received in the lunch break
1wh    2026-03-02T13:00  2026-03-02T14:00  received as lunch ends
1wh    2026-03-02T16:00  2026-03-02T17:00  used up exactly at closing
2wh    2026-03-02T10:00  2026-03-02T12:00  noon sharp
2wh    2026-03-02T10:15  2026-03-02T13:15  over lunch
3wh    2026-03-02T09:00  2026-03-02T12:00  a whole morning
4wh    2026-03-02T09:00  2026-03-02T14:00  morning and an hour
4wh    2026-03-02T13:00  2026-03-02T17:00  a whole afternoon
7wh    2026-03-02T09:00  2026-03-02T17:00  a whole day
7wh    2026-03-02T08:00  2026-03-02T17:00  received before opening
# Working hours over nights
1wh    2026-03-02T16:01  2026-03-03T09:01  one minute next morning
1wh    2026-03-02T16:30  2026-03-03T09:30  half and half
1wh    2026-03-02T16:59  2026-03-03T09:59  one minute tonight
1wh    2026-03-02T17:00  2026-03-03T10:00  at closing nothing is left of the day
1wh    2026-03-02T20:00  2026-03-03T10:00  in the evening
1wh    2026-03-02T23:59  2026-03-03T10:00  last minute
1wh    2026-03-03T00:00  2026-03-03T10:00  first instant
1wh    2026-03-03T08:59  2026-03-03T10:00  just before opening
4wh    2026-03-02T15:00  2026-03-03T11:00  two and two
4wh    2026-03-02T14:00  2026-03-03T10:00  three and one
5wh    2026-03-02T14:00  2026-03-03T11:00  three and two
6wh    2026-03-02T14:00  2026-03-03T12:00  three and three: noon sharp
7wh    2026-03-02T14:00  2026-03-03T14:00  and one after lunch
8wh    2026-03-02T09:00  2026-03-03T10:00  a day and an hour
14wh   2026-03-02T09:00  2026-03-03T17:00  two whole days
15wh   2026-03-02T09:00  2026-03-04T10:00  and an hour
35wh   2026-03-02T09:00  2026-03-06T17:00  a whole week
36wh   2026-03-02T09:00  2026-03-09T10:00  and an hour on Monday
# Working hours over weekends, holidays and make-up days
1wh    2026-03-06T16:30  2026-03-09T09:30  Friday to Monday
2wh    2026-03-06T16:00  2026-03-09T10:00  one and one
4wh    2026-03-06T15:00  2026-03-09T11:00  two and two
1wh    2026-03-07T10:00  2026-03-09T10:00  received on Saturday
1wh    2026-03-08T23:59  2026-03-09T10:00  received late on Sunday
2wh    2026-09-18T16:00  2026-09-20T10:00  Friday to make-up Sunday
4wh    2026-09-18T15:00  2026-09-20T11:00  the same
7wh    2026-09-19T10:00  2026-09-20T17:00  a whole make-up Sunday
8wh    2026-09-19T10:00  2026-09-21T10:00  and an hour on Monday
2wh    2026-02-14T16:00  2026-02-24T10:00  over the Spring Festival
4wh    2026-02-13T16:00  2026-02-14T12:00  one on Friday, the whole morning of the make-up Saturday
11wh   2026-02-13T13:00  2026-02-14T17:00  four and seven
12wh   2026-02-13T13:00  2026-02-24T10:00  and an hour after nine days
2wh    2026-09-30T16:00  2026-10-08T10:00  over the October holiday
1wh    2026-10-05T10:00  2026-10-08T10:00  received in it
2wh    2026-10-09T16:30  2026-10-10T10:30  make-up Saturday
2wh    2026-10-10T16:30  2026-10-12T10:30  make-up Saturday to Monday
2wh    2026-04-30T16:00  2026-05-06T10:00  Labour Day
2wh    2026-05-09T16:00  2026-05-11T10:00  make-up Saturday to Monday
4wh    2026-06-18T15:00  2026-06-22T11:00  Dragon Boat
4wh    2026-04-03T15:00  2026-04-07T11:00  Tomb-sweeping
2wh    2025-12-31T16:00  2026-01-04T10:00  into the make-up Sunday of the New Year
# The 24-hour clock
30min  2026-03-02T10:00  2026-03-02T10:30  half an hour
30min  2026-03-02T11:45  2026-03-02T12:15  no lunch break
30min  2026-03-02T16:45  2026-03-02T17:15  no closing time
30min  2026-03-02T23:45  2026-03-03T00:15  over midnight
30min  2026-03-07T10:00  2026-03-07T10:30  Saturday
1min   2026-12-31T23:59  2027-01-01T00:00  over the year
90min  2026-03-02T23:00  2026-03-03T00:30  an hour and a half
2h     2026-03-02T16:00  2026-03-02T18:00  past closing
2h     2026-10-01T10:00  2026-10-01T12:00  National Day
2h     2026-03-02T22:00  2026-03-03T00:00  midnight sharp
24h    2026-03-02T10:00  2026-03-03T10:00  a day
24h    2026-03-06T16:00  2026-03-07T16:00  into Saturday
24h    2026-02-14T10:00  2026-02-15T10:00  into the Spring Festival
24h    2026-02-17T00:00  2026-02-18T00:00  inside it
240h   2026-02-14T10:00  2026-02-24T10:00  across all of it
48h    2026-02-27T12:00  2026-03-01T12:00  February has 28 days
48h    2028-02-28T12:00  2028-03-01T12:00  and in a leap year 29
24h    2026-03-02T10:00+00:00  2026-03-03T18:00  any offset
24h    2026-03-08T01:30-05:00  2026-03-09T01:30-05:00  another country's summer time is no matter
# Calendar days
1cd    2026-03-02T10:00  2026-03-03T17:00  Tuesday
3cd    2026-03-02T23:00  2026-03-05T17:00  Thursday
4cd    2026-03-02T10:00  2026-03-06T17:00  Friday
5cd    2026-03-02T10:00  2026-03-09T17:00  Saturday moves to Monday
6cd    2026-03-02T10:00  2026-03-09T17:00  Sunday moves to Monday
7cd    2026-03-02T10:00  2026-03-09T17:00  Monday
10cd   2026-03-02T10:00  2026-03-12T17:00  Thursday
10cd   2026-03-04T10:00  2026-03-16T17:00  Saturday 14 moves to Monday
1cd    2026-03-06T10:00  2026-03-09T17:00  Saturday moves to Monday
1cd    2026-03-07T10:00  2026-03-09T17:00  Sunday moves to Monday
1cd    2026-03-08T10:00  2026-03-09T17:00  Monday itself
2cd    2026-09-18T10:00  2026-09-20T17:00  the make-up Sunday works: not moved
1cd    2026-09-18T10:00  2026-09-20T17:00  Saturday moves to the make-up Sunday
1cd    2026-02-13T10:00  2026-02-14T17:00  the make-up Saturday works
2cd    2026-02-13T10:00  2026-02-24T17:00  moved over nine days
10cd   2026-02-13T10:00  2026-02-24T17:00  Monday 23 is still off
11cd   2026-02-13T10:00  2026-02-24T17:00  Tuesday itself
15cd   2026-02-13T10:00  2026-02-28T17:00  the make-up Saturday
16cd   2026-02-13T10:00  2026-03-02T17:00  Sunday 1 March moves to Monday
10cd   2026-09-21T15:00  2026-10-08T17:00  1 October moves a week
5cd    2026-05-04T10:00  2026-05-09T17:00  the make-up Saturday
30cd   2026-01-30T10:00  2026-03-02T17:00  1 March is a Sunday
28cd   2026-01-31T10:00  2026-02-28T17:00  the make-up Saturday
29cd   2028-01-31T10:00  2028-02-29T17:00?  leap day, a Tuesday
365cd  2025-03-03T10:00  2026-03-03T17:00  a year
# Summer time in Shanghai, 1986 to 1991, and the long run
24h    1986-05-03T12:00  1986-05-04T12:00  one wall hour later by then, still 24 hours
1wd    1986-05-02T10:00  1986-05-05T17:00+09:00?  closes at 17:00 summer time
4wh    1986-05-02T15:00  1986-05-05T11:00+09:00?  opens at 9:00 summer time
1wh    1986-05-05T08:30+08:00  1986-05-05T09:30+08:00?  8:30 was already 9:30 in summer time
2cd    1986-05-02T23:30  1986-05-05T17:00+09:00?  Sunday 4 moves to Monday
1wd    1986-09-12T10:00+09:00  1986-09-15T17:00+08:00?  back to standard time on Sunday 14
4wh    1986-09-12T15:00+09:00  1986-09-15T11:00+08:00?  the same
48h    1986-09-12T15:00+09:00  1986-09-14T14:00+08:00  an hour earlier on the wall
# Details below a minute
1wh    2026-03-02T11:00:30  2026-03-02T13:00:30  thirty seconds after lunch
1wh    2026-03-02T16:00:01  2026-03-03T09:00:01  one second next morning
1wh    2026-03-02T16:59:59.999999  2026-03-03T09:59:59.999999  a microsecond tonight
1min   2026-03-02T10:00:45  2026-03-02T10:01:45  seconds stay
1wd    2026-03-02T23:59:59.999999  2026-03-03T17:00  the last microsecond of Monday
5wd    2026-09-18T10:00:00.5  2026-09-24T17:00  no fraction in a closing time
"""
