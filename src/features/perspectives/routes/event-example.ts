/** What one event of a run looks like on the wire. */
export const RUN_EVENT_EXAMPLE =
  'id: 7\nevent: perspective.delta\ndata: {"type":"perspective.delta","index":0,"model":"local/swift","delta":"Hello"}\n\n';
