import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { documentUri, MODELS_URI, modelUri, parseUri, perspectiveUri, runUri } from './uris.ts';

describe('addresses of resources', () => {
  it('read back as what they were made of', () => {
    expect(parseUri(runUri('run_01JD'))).toEqual({ kind: 'run', id: 'run_01JD' });
    expect(parseUri(perspectiveUri('run_01JD', 11))).toEqual({
      kind: 'perspective',
      id: 'run_01JD',
      index: 11,
    });
    expect(parseUri(MODELS_URI)).toEqual({ kind: 'models' });
    expect(parseUri(modelUri('openrouter/meta/llama-5:free'))).toEqual({
      kind: 'model',
      id: 'openrouter/meta/llama-5:free',
    });
    expect(parseUri(documentUri('guides/keys'))).toEqual({ kind: 'document', page: 'guides/keys' });
  });

  it('take a model’s id percent-encoded too', () => {
    expect(parseUri('parallax://models/anthropic%2Fclaude-opus-5')).toEqual({
      kind: 'model',
      id: 'anthropic/claude-opus-5',
    });
    expect(parseUri('parallax://models/50%')).toEqual({ kind: 'model', id: '50%' });
  });

  it('are refused when they are nobody’s', () => {
    for (const uri of [
      'file:///etc/passwd',
      'parallax://runs',
      'parallax://runs/',
      'parallax://runs/a/b',
      'parallax://keys/x',
      'parallax:/runs/x',
      '',
    ]) {
      expect(parseUri(uri)).toBeUndefined();
    }
  });

  it('never throw', () => {
    fc.assert(
      fc.property(fc.string(), (rest) => {
        parseUri(`parallax://models/${rest}`);
        parseUri(rest);
      }),
    );
  });
});
