import { newId } from '../../src/platform/ids.ts';
import { serverDatabase } from './past-usage.ts';

const HOUR = 3_600_000;

/** Gives an endpoint `count` deliveries of the past weeks: written into the server's database, as nobody waits weeks for them. Every ninth of them failed. */
export function pastDeliveries(endpointId: string, count: number): void {
  const database = serverDatabase();
  try {
    const insert = database.prepare(
      `INSERT INTO webhook_deliveries (id, tenant_id, endpoint_id, event_id, type, body, status, attempts, response_status, error, created_at, updated_at)
       SELECT ?, tenant_id, id, ?, 'budget.reached', '{}', ?, ?, ?, ?, ?, ? FROM webhook_endpoints WHERE id = ?`,
    );
    database.exec('BEGIN');
    for (let at = 1; at <= count; at++) {
      const failed = at % 9 === 4;
      const created = Date.now() - at * 11 * HOUR;
      insert.run(
        newId('webhookDelivery', created),
        newId('event', created),
        failed ? 'failed' : 'delivered',
        failed ? 8 : 1,
        failed ? null : 204,
        failed ? 'The address could not be read. It did not answer.' : null,
        created,
        created,
        endpointId,
      );
    }
    database.exec('COMMIT');
  } finally {
    database.close();
  }
}
