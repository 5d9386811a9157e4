import '@fontsource-variable/geist/index.css';
import '@fontsource-variable/geist-mono/index.css';
import './style.css';
import { Answers } from './answers.ts';
import { byId, element } from './dom.ts';
import { Merged } from './merged.ts';
import { ask, demoStatus } from './run.ts';
import { setUpSnippets } from './snippets.ts';
import { setUpTheme } from './theme.ts';

const EXAMPLES = [
  'Should a small team use microservices?',
  'Is it better to rewrite legacy code or to refactor it?',
  'Should passwords expire?',
];

const form = byId('ask', HTMLFormElement);
const prompt = byId('prompt', HTMLTextAreaElement);
const key = byId('key', HTMLInputElement);
const submit = byId('submit', HTMLButtonElement);
const status = byId('status', HTMLParagraphElement);
const answers = new Answers(byId('answers', HTMLElement));
const merged = new Merged(byId('merge', HTMLElement), (indexes) => answers.light(indexes));

let needsKey = false;
let running: AbortController | null = null;

async function run(): Promise<void> {
  const stop = new AbortController();
  running = stop;
  submit.textContent = 'Stop';
  status.textContent = '';
  delete status.dataset.state;
  merged.clear();
  let open = 0;
  try {
    for await (const event of ask(prompt.value, needsKey ? key.value.trim() : null, stop.signal)) {
      switch (event.type) {
        case 'run.started':
          open = event.run.perspectives.length;
          answers.start(event.run);
          break;
        case 'perspective.delta':
          answers.delta(event.index, event.delta);
          break;
        case 'perspective.completed':
        case 'perspective.failed':
          open -= 1;
          answers.end(event.perspective);
          if (open === 0) merged.wait();
          break;
        case 'merge.delta':
          merged.delta(event.delta);
          break;
        case 'merge.completed':
          merged.end(event.merge);
          break;
        case 'run.completed':
          if (event.run.merge === null) merged.clear();
          status.textContent = event.run.status === 'failed' ? 'No model answered. Each says why above.' : '';
          break;
      }
    }
  } catch (error) {
    if (!stop.signal.aborted) {
      status.textContent =
        error instanceof Error ? error.message : 'Something failed. Try again in a moment.';
      status.dataset.state = 'danger';
    }
  } finally {
    running = null;
    submit.textContent = 'Ask three models';
  }
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  if (running !== null) running.abort();
  else void run();
});

prompt.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) form.requestSubmit();
});

byId('examples', HTMLDivElement).replaceChildren(
  ...EXAMPLES.map((text) => {
    const button = element('button', 'example', text);
    button.type = 'button';
    button.addEventListener('click', () => {
      prompt.value = text;
      prompt.focus();
    });
    return button;
  }),
);

setUpTheme(byId('theme', HTMLButtonElement));
setUpSnippets(window.location.origin);
byId('key-hint', HTMLSpanElement).textContent =
  'On a machine that runs npm run dev, the key is printed there and kept in .parallax/dev.json; elsewhere your operator gives you one.';
demoStatus().then(
  ({ available }) => {
    needsKey = !available;
    byId('key-field', HTMLDivElement).hidden = available;
    key.required = !available;
  },
  (error: unknown) => {
    status.textContent = 'The server does not answer. Reload the page in a moment.';
    status.dataset.state = 'danger';
    console.error(error);
  },
);
