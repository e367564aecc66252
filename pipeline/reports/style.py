"""How the page looks: the reader's own fonts, both colour schemes, nothing wider than the screen."""

STYLE = """\
:root {
  --ink: #22262b; --soft: #5b636d; --paper: #fbfaf7; --card: #ffffff; --line: #dcd9d0; --accent: #0b6b6b;
  --plate: #ffffff; color-scheme: light dark;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e6e4df; --soft: #a5abb3; --paper: #16191d; --card: #1f2429; --line: #363c44; --accent: #5cc8c0;
    --plate: #dcdad5;
  }
}
* { box-sizing: border-box }
body {
  margin: 0 auto; max-width: 60rem; padding: 1rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: anywhere;
}
h1 { font-size: 1.1rem; margin: .5rem 0 0; color: var(--soft); font-weight: 600 }
h2 { font-size: 1.3rem; line-height: 1.25; margin: 0 0 .5rem }
h3 { font-size: 1.05rem; margin: 1.5rem 0 .25rem }
p { margin: .5rem 0; max-width: 44rem }
a { color: var(--accent) }
.lead { font-size: 1.35rem; line-height: 1.35; margin: .5rem 0 1rem }
code { font: .9em ui-monospace, monospace; background: var(--line); border-radius: .25rem; padding: .05em .3em }
section, nav {
  background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem; margin: 1rem 0;
}
nav { padding: .5rem 1rem }
nav ul { columns: 2 16rem; padding-left: 1.2rem; margin: .5rem 0 }
summary { cursor: pointer; padding: .35rem 0; color: var(--accent) }
summary:focus-visible, .wide:focus-visible, a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; padding: 0; margin: 0 }
.facts li {
  list-style: none; background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: .75rem 1rem;
  font-size: .875rem; line-height: 1.35; color: var(--soft);
}
.facts strong {
  display: block; font-size: 1.6rem; line-height: 1.2; color: var(--ink); font-variant-numeric: tabular-nums;
}
.wide { overflow-x: auto; margin: .75rem 0 }
table { border-collapse: collapse; font-size: .875rem; line-height: 1.35; font-variant-numeric: tabular-nums }
caption { text-align: left; font-weight: 600; padding: .25rem 0 }
th, td { padding: .35rem .6rem .35rem 0; text-align: left; vertical-align: top; overflow-wrap: normal }
th:first-child { overflow-wrap: anywhere; min-width: 5.5rem }
@media (max-width: 30rem) {
  table { font-size: .8125rem } th, td { padding-right: .45rem } th:first-child { min-width: 4.75rem }
  section { padding: .875rem }
}
tbody tr { border-top: 1px solid var(--line) }
thead th { color: var(--soft); font-weight: 500; vertical-align: bottom }
tbody th { font-weight: 500 }
.n { text-align: right }
data { white-space: nowrap }
.bar { display: block; width: 6rem; height: .5rem; margin-top: .35rem; border-radius: .25rem; background: var(--line) }
.bar span { display: block; height: 100%; border-radius: .25rem; background: var(--accent) }
figure { margin: .75rem 0 }
header .small { margin-bottom: 1rem }
figcaption, .small, small { font-size: .875rem; color: var(--soft) }
.large figure { min-width: 46rem }
.pair { columns: 2 19rem; column-gap: 1rem }
.pair figure { margin: 0 0 1.25rem; break-inside: avoid }
.plate { width: 100%; height: auto; display: block; background: var(--plate); border-radius: .5rem }
@media (prefers-color-scheme: dark) { .plate, .digit { filter: brightness(.85) } }
.digit { width: 4.5rem; height: 4.5rem; flex: none; image-rendering: pixelated; border: 1px solid var(--line) }
.suspects {
  display: grid; grid-template-columns: repeat(auto-fill, minmax(min(17rem, 100%), 1fr)); gap: .75rem; padding: 0;
}
.suspects li { display: flex; gap: .75rem; font-size: .875rem; line-height: 1.4 }
svg { display: block; width: 100%; max-width: 29rem; height: auto; font: 11px system-ui, sans-serif; fill: var(--soft) }
.typed {
  display: block; width: fit-content; max-width: 100%; overflow-x: auto; white-space: nowrap;
  margin: .15rem 0 .5rem; padding: .25rem .6rem;
}
.chart { margin: .5rem 0 }
.grid { stroke: var(--line) }
.axis { stroke: var(--soft) }
.name { fill: var(--ink); font-size: 12px }
.wilson { stroke: var(--accent); stroke-width: 5; stroke-linecap: round; opacity: .55 }
.writers { stroke: var(--accent); stroke-width: 2 }
.dot { fill: var(--ink) }
.line { fill: none; stroke-width: 1.5; stroke: var(--accent) }
.l1 { stroke: #c2702c } .l2 { stroke: #6a6fc8 } .l3 { stroke: #b0417e } .l4 { stroke: #7a8f2a }
.l5 { stroke: #3b8fd0 } .l6 { stroke: #c0504d } .l7 { stroke: #8c8c8c }
@media print { body { max-width: none } section { break-inside: avoid } }
"""
