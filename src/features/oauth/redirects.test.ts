import { describe, expect, it } from 'vitest';
import { mayReceiveCodes, placeOf } from './redirects.ts';

describe('an address that codes are sent to', () => {
  it.each([
    'https://app.example.com/callback',
    'http://127.0.0.1:33418/callback',
    'http://127.9.9.9/callback',
    'http://localhost:1234/',
    'http://[::1]:1234/callback',
    'cursor://anysphere.cursor-mcp/oauth/callback',
    'vscode://saoudrizwan.claude-dev/mcp-auth/callback/abc',
  ])('may be %s', (address) => {
    expect(mayReceiveCodes(address)).toBe(true);
  });

  it.each([
    'http://app.example.com/callback',
    'http://localhost.example.com/callback',
    'http://127.0.0.1.example.com/callback',
    'http://10.0.0.1/callback',
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'ms-msdt:/id',
    'intent://x#Intent;end',
    'com.example.app:/callback',
    '/consent',
    '',
  ])('may not be %s', (address) => {
    expect(mayReceiveCodes(address)).toBe(false);
  });

  it('is told to people by its host, or as the editor that it starts', () => {
    expect(placeOf('https://app.example.com/callback')).toEqual({
      place: 'app.example.com',
      onMachine: false,
    });
    expect(placeOf('http://localhost:1/')).toEqual({ place: 'localhost', onMachine: true });
    expect(placeOf('cursor://anysphere.cursor-mcp/cb')).toEqual({
      place: 'cursor://anysphere.cursor-mcp',
      onMachine: true,
    });
  });
});
