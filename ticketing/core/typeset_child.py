"""The child that compiles one document: data on standard input, PDF on standard output. Run by typeset.py."""

from __future__ import annotations

import resource
import sys
from pathlib import Path


def main() -> None:
    """Compile the template named first; the second argument is how much memory may be taken, in bytes."""
    template, most = Path(sys.argv[1]), int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    import pylopdf_fonts_zh_cn as fonts
    import typst

    made = typst.compile(
        str(template),
        root=str(template.parent),
        font_paths=[str(fonts.sans_path().parent)],
        ignore_system_fonts=True,
        sys_inputs={"data": sys.stdin.buffer.read().decode()},
        package_path=str(template.parent),
        package_cache_path=str(template.parent),
    )
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
