/** The look of the report: the product's colours, calm, for a desk, a phone and paper. */
export const STYLE = `
:root{color-scheme:light dark;--ground:#f5f7f8;--card:#fff;--sunk:#f0f3f5;--ink:#16212b;--soft:#51606e;--line:#dce2e7;--strong:#b9c4cd;--accent:#0b6b63;--accent-soft:#e2f3f1;--link:#0b5f8a;--good:#12663f;--good-soft:#e1f4ea;--warn:#8a4b00;--warn-soft:#fdf0da;--bad:#a3222b;--bad-soft:#fce8e8;--quiet:#51606e;--quiet-soft:#e9edf0;--shadow:0 1px 2px rgb(22 33 43/6%),0 6px 20px rgb(22 33 43/5%);--mono:ui-monospace,"SF Mono","Cascadia Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
@media (prefers-color-scheme:dark){:root{--ground:#0e1419;--card:#161e25;--sunk:#111920;--ink:#e6ecf1;--soft:#a3b1bd;--line:#2a3640;--strong:#455563;--accent:#5cc9bd;--accent-soft:#12312e;--link:#7cc4ee;--good:#76d8a4;--good-soft:#12301f;--warn:#f3bd6c;--warn-soft:#38270c;--bad:#ff9d9d;--bad-soft:#3d1a1d;--quiet:#a3b1bd;--quiet-soft:#232e37;--shadow:0 1px 2px rgb(0 0 0/30%)}}
*{box-sizing:border-box}
html{scroll-behavior:smooth;scroll-padding-top:4rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--ink);font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans",Arial,sans-serif}
h1,h2,h3{line-height:1.22;margin:0 0 .5rem;letter-spacing:-.012em;text-wrap:balance}
h1{font-size:clamp(1.5rem,1.15rem + 1.6vw,2.15rem);font-weight:680}
h2{font-size:1.28rem;font-weight:660}
h3{font-size:1rem;font-weight:640}
p{margin:0 0 .75rem}
ul{margin:0 0 .75rem;padding-left:1.2rem}
a{color:var(--link);text-underline-offset:.18em;text-decoration-thickness:1px}
code,pre,.mono{font-family:var(--mono);font-size:.86em}
code,.wrap{overflow-wrap:anywhere}
pre{margin:.4rem 0 .8rem;padding:.8rem 1rem;background:var(--sunk);border:1px solid var(--line);border-radius:10px;overflow-x:auto;font-size:.8rem;line-height:1.5;max-height:26rem}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:4px}
.wide{max-width:76rem;margin:0 auto;padding:0 1.25rem}
.top{background:var(--card);border-bottom:1px solid var(--line);position:sticky;top:0;z-index:3}
.top .wide{display:flex;align-items:center;gap:1.25rem;min-height:3.3rem}
.brand{display:inline-flex;align-items:center;gap:.55rem;font-weight:700;color:var(--ink)}
.top nav{margin-left:auto;display:flex;gap:1.1rem;overflow-x:auto;scrollbar-width:none;font-size:.9rem}
.top nav a{color:var(--soft);text-decoration:none;white-space:nowrap;padding:.4rem 0}
.top nav a:hover{color:var(--ink)}
.hero{padding-top:2.2rem;padding-bottom:.4rem}
.lead{color:var(--soft);max-width:48rem;font-size:1.06rem}
.soft{color:var(--soft)}
.small{font-size:.86rem}
section{margin:2.4rem 0}
section>p{max-width:52rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:1.15rem 1.3rem;margin:0 0 1rem;box-shadow:var(--shadow)}
.card>:last-child{margin-bottom:0}
.tiles{display:grid;grid-template-columns:repeat(5,minmax(0,1fr));gap:.9rem;margin:1.4rem 0 0}
.tile{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:1.05rem 1.2rem;box-shadow:var(--shadow)}
.tile h3{font-size:.8rem;font-weight:600;color:var(--soft);margin:0 0 .35rem}
.figure{font-size:2rem;font-weight:690;letter-spacing:-.025em;line-height:1.1;font-variant-numeric:tabular-nums;display:block}
.figure small{font-size:1rem;font-weight:560;color:var(--soft);letter-spacing:0}
.then{display:block;font-size:.9rem;margin-top:.2rem;white-space:nowrap}
.then strong{color:var(--good);font-variant-numeric:tabular-nums}
.tile p{margin:.45rem 0 0;font-size:.86rem;color:var(--soft)}
.meter{display:block;width:100%;height:7px;margin-top:.6rem;border-radius:4px}
.meter .track{fill:var(--quiet-soft)}
.meter .fill{fill:var(--tone)}
.meter .after{fill:var(--good)}
.tone-good{--tone:var(--good);--tone-soft:var(--good-soft)}
.tone-warn{--tone:var(--warn);--tone-soft:var(--warn-soft)}
.tone-bad{--tone:var(--bad);--tone-soft:var(--bad-soft)}
.tone-quiet{--tone:var(--quiet);--tone-soft:var(--quiet-soft)}
.tone-accent{--tone:var(--accent);--tone-soft:var(--accent-soft)}
.chip{display:inline-block;padding:.1rem .58rem;border-radius:999px;font-size:.79rem;font-weight:600;line-height:1.5;background:var(--tone-soft);color:var(--tone);white-space:nowrap}
.chips{display:flex;flex-wrap:wrap;gap:.4rem;align-items:center;margin:0 0 .7rem}
.callout{border-left:4px solid var(--tone);background:var(--tone-soft);border-radius:0 10px 10px 0;padding:.7rem 1rem;margin:0 0 1rem}
.callout strong{color:var(--tone)}
.callout>:last-child{margin-bottom:0}
.scroll{overflow-x:auto}
table{width:100%;border-collapse:collapse;font-size:.92rem}
th{text-align:left;font-weight:600;color:var(--soft);font-size:.82rem}
th,td{padding:.5rem .75rem .5rem 0;border-bottom:1px solid var(--line);vertical-align:top}
tbody tr:last-child>*{border-bottom:0}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.strip{display:block;width:100%;height:46px}
.strip .day{fill:var(--accent)}
.strip .hole{fill:var(--bad);opacity:.25}
.strip-ends{display:flex;justify-content:space-between;font-size:.78rem;color:var(--soft);margin:.15rem 0 .9rem}
.filters{display:flex;flex-wrap:wrap;gap:.6rem;margin:0 0 .9rem;align-items:end}
.filters label{font-size:.78rem;font-weight:600;color:var(--soft);display:grid;gap:.2rem}
.filters input,.filters select{font:inherit;font-size:.92rem;font-weight:400;color:var(--ink);background:var(--card);border:1px solid var(--strong);border-radius:9px;padding:.42rem .65rem;min-width:6.5rem;max-width:11rem}
.filters button{font:inherit;font-size:.88rem;color:var(--link);background:none;border:1px solid var(--strong);border-radius:9px;padding:.42rem .8rem;cursor:pointer}
.filters .grow{flex:1 1 10rem}
.filters .grow input{width:100%;max-width:none}
.count{font-size:.86rem;color:var(--soft);margin:0 0 .6rem}
.item{background:var(--card);border:1px solid var(--line);border-radius:12px;margin:0 0 .55rem;box-shadow:var(--shadow)}
.item>summary{list-style:none;cursor:pointer;display:grid;gap:.3rem 1rem;align-items:center;padding:.7rem 1rem;border-radius:12px}
.item>summary::-webkit-details-marker{display:none}
.item>summary:hover{background:var(--sunk)}
.item[open]>summary{border-bottom:1px solid var(--line);border-radius:12px 12px 0 0}
.item .body{padding:1rem 1.1rem .4rem}
.who{grid-template-columns:3.3rem minmax(12rem,1.7fr) minmax(9rem,1fr) minmax(9rem,1fr) minmax(10rem,1.15fr)}
.fixed{grid-template-columns:minmax(14rem,1.6fr) minmax(9rem,1fr) minmax(10rem,1fr)}
.score{display:grid;place-items:center;width:2.9rem;height:2.9rem;border-radius:11px;background:var(--tone-soft);color:var(--tone);font-weight:700;font-size:1.1rem;font-variant-numeric:tabular-nums}
.name{font-weight:620;overflow-wrap:anywhere;display:block}
.label{display:block;font-size:.76rem;color:var(--soft)}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(19rem,1fr));gap:.4rem 2rem}
.parts{list-style:none;padding:0;margin:0 0 1rem}
.parts li{display:grid;grid-template-columns:5.6rem 4.6rem 1fr;gap:.7rem;align-items:baseline;padding:.22rem 0;font-size:.87rem}
.parts .meter{margin:0;align-self:center}
.plain{list-style:none;padding:0;margin:0 0 1rem;font-size:.9rem}
.plain li{padding:.26rem 0;border-top:1px solid var(--line)}
.plain li:first-child{border-top:0}
.pictures{display:grid;grid-template-columns:repeat(auto-fill,minmax(19.5rem,1fr));gap:1rem;align-items:start}
.path{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:1rem 1.1rem;box-shadow:var(--shadow);margin:0}
.path figcaption{margin-bottom:.5rem}
.path svg{display:block;width:100%;height:auto;max-width:22rem;margin:0 auto}
.path .node{fill:var(--sunk);stroke:var(--strong)}
.path .node.from{fill:var(--accent-soft);stroke:var(--accent)}
.path .node.end{fill:var(--bad-soft);stroke:var(--bad)}
.path text{fill:var(--ink);font:600 13px system-ui,sans-serif}
.path text.kind{fill:var(--soft);font:11px system-ui,sans-serif}
.path text.step{fill:var(--ink);font:12px system-ui,sans-serif}
.path text.grant{fill:var(--soft);font:11px ui-monospace,Menlo,Consolas,monospace}
.path .line{stroke:var(--strong);stroke-width:1.6;fill:none}
.path .tip{fill:var(--strong)}
.path.latent .line{stroke-dasharray:4 4}
.hidden{display:none!important}
footer{color:var(--soft);font-size:.85rem;padding-bottom:3rem}
@media (max-width:68rem){.tiles{grid-template-columns:repeat(6,1fr)}.tile{grid-column:span 2}.tile:nth-child(n+4){grid-column:span 3}}
@media (max-width:46rem){
.top .wide{gap:.7rem}.top nav{margin-left:0;gap:.8rem;font-size:.84rem}.brand span{display:none}
.who,.fixed{grid-template-columns:3.3rem 1fr}.fixed{grid-template-columns:1fr}
.who>:nth-child(n+3){grid-column:2}
.filters label,.filters input,.filters select{width:100%;max-width:none}.filters label:not(.grow){flex:1 1 40%}.filters .grow{flex:1 1 100%}
.tiles{gap:.7rem}.tile,.tile:nth-child(n){grid-column:span 3;padding:.85rem .9rem}.tile:first-child{grid-column:1/-1}.figure{font-size:1.6rem}.then{white-space:normal}
.parts li{grid-template-columns:5.2rem 1fr}.parts li>:last-child{grid-column:1/-1}
table.stack thead{display:none}table.stack tr{display:block;border-bottom:1px solid var(--line);padding:.5rem 0}table.stack td{display:flex;justify-content:space-between;gap:1rem;border:0;padding:.14rem 0;text-align:right}table.stack td::before{content:attr(data-label);color:var(--soft);font-size:.82rem;text-align:left}
}
@media print{
@page{margin:14mm 12mm}
.scroll{overflow:visible}table{font-size:8.5pt}th{font-size:8pt}th,td{padding:.3rem .5rem .3rem 0}
:root{color-scheme:light;--ground:#fff;--card:#fff;--sunk:#f5f7f8;--ink:#16212b;--soft:#51606e;--line:#dce2e7;--strong:#b9c4cd;--good:#12663f;--bad:#a3222b;--warn:#8a4b00;--shadow:none}
body{font-size:9.5pt;-webkit-print-color-adjust:exact;print-color-adjust:exact}
.top{position:static;border:0}.top nav,.filters,.count,.screen{display:none}
.wide{max-width:none;padding:0}.hero{padding-top:.6rem}
h1{font-size:18pt}h2{break-after:avoid}.figure{font-size:17pt}
.tiles{grid-template-columns:repeat(5,minmax(0,1fr));gap:.5rem}.tile,.tile:nth-child(n){grid-column:auto;padding:.6rem .7rem}.then{white-space:normal;font-size:8.5pt}
.item>summary{padding:.35rem .7rem}.who{grid-template-columns:2.6rem 1.7fr 1fr 1fr 1.15fr}.fixed{grid-template-columns:1.6fr 1fr 1fr}.score{width:2.1rem;height:2.1rem;font-size:.95rem}
.pictures{grid-template-columns:1fr 1fr 1fr}
.item,.card,.path,.tile,tr{break-inside:avoid;box-shadow:none}.item[open],#evidence .card,#method .card{break-inside:auto}
pre{max-height:none;white-space:pre-wrap}section{margin:1.1rem 0}
a{color:inherit;text-decoration:none}
}
`;

/**
 * Filters lists by text and by choice, counts what is left, and opens lists as a whole; what is open is printed open.
 * The text is fixed: nothing of a report is ever part of it, so that its digest can stand in the page's content
 * security policy.
 */
export const SCRIPT = `
for (const panel of document.querySelectorAll('[data-filter]')) {
  const list = document.getElementById(panel.dataset.filter);
  const items = [...list.querySelectorAll('[data-text]')];
  const count = panel.parentElement.querySelector('.count');
  const fields = [...panel.querySelectorAll('input,select')];
  const apply = () => {
    let shown = 0;
    for (const item of items) {
      const fits = fields.every((field) => {
        const wanted = field.value.trim().toLowerCase();
        if (wanted === '') return true;
        const value = item.dataset[field.name] || '';
        return field.name === 'text' ? wanted.split(/\\s+/).every((word) => value.includes(word)) : value === wanted;
      });
      item.classList.toggle('hidden', !fits);
      if (fits) shown += 1;
    }
    if (count) count.textContent = shown === items.length ? items.length + ' shown' : shown + ' of ' + items.length + ' shown';
  };
  panel.addEventListener('input', apply);
  apply();
}
for (const button of document.querySelectorAll('[data-open]')) {
  button.addEventListener('click', () => {
    const items = document.getElementById(button.dataset.open).querySelectorAll(':scope > details:not(.hidden)');
    const open = [...items].some((item) => !item.open);
    for (const item of items) item.open = open;
    button.textContent = open ? 'Close all' : 'Open all';
  });
}
const reveal = () => {
  const target = location.hash.length > 1 ? document.getElementById(location.hash.slice(1)) : null;
  const item = target && target.closest('details');
  if (item) { item.open = true; item.classList.remove('hidden'); item.scrollIntoView(); }
};
addEventListener('hashchange', reveal);
reveal();
`;
