// Everything works without this file. It saves clicks: it follows a change, copies a text, and guards double clicks.

function follow() {
  const panel = document.querySelector('[data-follow]');
  if (!panel) return;
  const seen = panel.getAttribute('data-state');
  const url = panel.getAttribute('data-follow');
  let pauseMs = 2000;
  async function look() {
    try {
      const answer = await fetch(url, { headers: { accept: 'application/json' }, credentials: 'same-origin' });
      if (answer.ok) {
        const { state } = await answer.json();
        if (state !== seen) {
          window.location.reload();
          return;
        }
      }
    } catch {
      // The gateway is restarting, or the laptop slept: keep looking, more slowly.
    }
    pauseMs = Math.min(pauseMs * 1.25, 20000);
    window.setTimeout(look, pauseMs);
  }
  window.setTimeout(look, pauseMs);
}

function offerCopies() {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll('[data-copy]')) {
    const source = document.getElementById(button.getAttribute('data-copy'));
    if (!source) continue;
    button.hidden = false;
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(source.value ?? source.textContent);
      button.textContent = 'Copied';
    });
  }
}

function guardDoubleClicks() {
  for (const form of document.querySelectorAll('form[method="post"]')) {
    form.addEventListener('submit', () => {
      window.setTimeout(() => {
        for (const button of form.querySelectorAll('button')) button.disabled = true;
      }, 0);
    });
  }
  window.addEventListener('pageshow', () => {
    for (const button of document.querySelectorAll('form[method="post"] button')) button.disabled = false;
  });
}

follow();
offerCopies();
guardDoubleClicks();
