import '@fontsource-variable/geist/index.css';
import '@fontsource-variable/geist-mono/index.css';
import './reference.css';

interface Renderer {
  createApiReference(target: string, configuration: Readonly<Record<string, unknown>>): unknown;
}

/** Loads the renderer and gives it this server's own OpenAPI document. Nothing leaves the origin. */
async function main(): Promise<void> {
  const holder = document.querySelector('#reference');
  try {
    await loadScript('/assets/reference.js');
    const renderer = (window as unknown as { Scalar: Renderer }).Scalar;
    if (holder !== null) holder.textContent = '';
    renderer.createApiReference('#reference', {
      url: '/v1/openapi.json',
      theme: 'none',
      withDefaultFonts: false,
      hideClientButton: true,
      hideModels: true,
      telemetry: false,
      agent: { disabled: true },
      mcp: { disabled: true },
      showDeveloperTools: 'never',
      defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' },
      metaData: { title: 'API reference – Parallax' },
    });
  } catch (error) {
    if (holder === null) throw error;
    holder.textContent = 'The reference could not be loaded. The same document is at /v1/openapi.json.';
    console.error(error);
  }
}

function loadScript(src: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = src;
    script.addEventListener('load', () => resolve());
    script.addEventListener('error', () => reject(new Error(`${src} could not be loaded`)));
    document.head.append(script);
  });
}

void main();
