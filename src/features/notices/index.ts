/** Notices: what people of a tenant are told in the web app. */
import type { Operation } from '../../platform/http/operation.ts';
import { listNoticesOperation } from './routes/list-notices.ts';
import { readNoticesOperation } from './routes/read-notices.ts';

export {
  type MailContext,
  mailNotice,
  type NoticeMailMessage,
  noticeMailMessageSchema,
  tellManagers,
} from './mail-notice.ts';
export { addNotice, forgetOldNotices, type Notice } from './notices.ts';

export const noticeOperations: readonly Operation[] = [listNoticesOperation, readNoticesOperation];
