import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ENVELOPE, legacyRequest, modernRequest, serve } from '../in-process.ts';
import { tool } from '../tool.ts';
import { HEADER_MISMATCH, mirroredHeaderFault } from './mirrored-headers.ts';

const weather = tool({
  name: 'weather',
  title: 'Weather',
  description: 'The weather of a place.',
  permission: 'documentation:read',
  annotations: {},
  input: z.object({
    place: z.string().optional().meta({ 'x-mcp-header': 'Place' }),
    days: z.int().optional().meta({ 'x-mcp-header': 'Days' }),
    hourly: z.boolean().optional().meta({ 'x-mcp-header': 'Hourly' }),
    station: z.object({ id: z.string().meta({ 'x-mcp-header': 'Station' }) }).optional(),
    note: z.string().optional(),
  }),
  output: z.object({}),
  run: async () => ({ kind: 'answer', structured: {}, text: 'Fair.', links: [] }),
});

const faultOf = (given: unknown, headers: Record<string, string>) =>
  mirroredHeaderFault(weather, given, new Headers(headers));

describe('headers that mirror arguments', () => {
  it('must be there with the value that the argument has', () => {
    expect(faultOf({ place: 'Oslo' }, { 'mcp-param-place': 'Oslo' })).toBeUndefined();
    expect(faultOf({ place: 'Oslo' }, {})).toMatch(/Mcp-Param-Place is missing/);
    expect(faultOf({ place: 'Oslo' }, { 'mcp-param-place': 'Bergen' })).toMatch(/does not say/);
  });

  it('are not expected for arguments that are absent, null, or mirrored by none', () => {
    expect(faultOf({}, {})).toBeUndefined();
    expect(faultOf(undefined, {})).toBeUndefined();
    expect(faultOf({ place: null, note: 'x' }, { 'mcp-param-place': 'Oslo' })).toBeUndefined();
  });

  it('may be wrapped Base64, which is UTF-8 text or refused', () => {
    const wrapped = `=?base64?${Buffer.from('Tromsø').toString('base64')}?=`;
    expect(faultOf({ place: 'Tromsø' }, { 'mcp-param-place': wrapped })).toBeUndefined();
    for (const payload of ['VHJvbXM', 'VHJv!!!=', Buffer.from([0xc3, 0x28]).toString('base64')]) {
      expect(faultOf({ place: 'Troms' }, { 'mcp-param-place': `=?base64?${payload}?=` })).toMatch(/Base64/);
    }
  });

  it('stand for themselves when only half wrapped', () => {
    expect(
      faultOf({ place: '=?base64?T3Nsbw==' }, { 'mcp-param-place': '=?base64?T3Nsbw==' }),
    ).toBeUndefined();
    expect(faultOf({ place: 'T3Nsbw==' }, { 'mcp-param-place': 'T3Nsbw==' })).toBeUndefined();
  });

  it('compare numbers as numbers, truth values as words, and reach into objects', () => {
    expect(faultOf({ days: 42 }, { 'mcp-param-days': '42.0' })).toBeUndefined();
    expect(faultOf({ days: 42 }, { 'mcp-param-days': '43' })).toMatch(/does not say/);
    expect(faultOf({ hourly: true }, { 'mcp-param-hourly': 'true' })).toBeUndefined();
    expect(faultOf({ station: { id: 'a' } }, { 'mcp-param-station': 'b' })).toMatch(/Mcp-Param-Station/);
  });

  it('are refused with 400 and -32020 under the id of the request before the tool is called', async () => {
    const served = serve({ offer: { tools: [weather], prompts: [], resources: [] } });
    const call = { name: 'weather', arguments: { place: 'Oslo' } };
    const response = await served.fetch(modernRequest('tools/call', call, ENVELOPE));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ id: 1, error: { code: HEADER_MISMATCH } });

    const right = modernRequest('tools/call', call, ENVELOPE);
    right.headers.set('mcp-param-place', 'Oslo');
    expect(await (await served.fetch(right)).text()).toContain('Fair.');
  });

  it('are no matter of the revisions that do not know them', async () => {
    const served = serve({ offer: { tools: [weather], prompts: [], resources: [] } });
    const params = { name: 'weather', arguments: { place: 'Oslo' } };
    const response = await served.fetch(legacyRequest({ id: 1, method: 'tools/call', params }));
    expect(await response.text()).toContain('Fair.');
  });
});
