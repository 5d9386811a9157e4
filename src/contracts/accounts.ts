import { z } from 'zod';
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from './password-length.ts';
import { ROLES } from './principal.ts';
import { referralCode } from './referrals.ts';

/**
 * People: how they sign up and in, what they prove, and what they see of their own account. A browser's session is the cookie
 * `__Host-parallax_session`; it is set by answers here and never in a body. All `POST`s must come from this origin.
 *
 * | route | body → answer |
 * | --- | --- |
 * | `GET /auth/ways` | → `signInWays` |
 * | `POST /auth/sign-up`, `/auth/resend-verification`, `/auth/request-reset` | `signUpRequest`, `emailRequest` → 202 `accepted` |
 * | `POST /auth/verify-email` | `verifyEmailRequest` → `verified`; mails link to the page `/verify-email#token=…` |
 * | `POST /auth/reset-password` | `resetPasswordRequest` → 204; mails link to the page `/reset-password#token=…` |
 * | `POST /auth/sign-in` | `signInRequest` → `signInAnswer` |
 * | `POST /auth/second-factor` | `secondFactorRequest` → `signedIn` |
 * | `POST /auth/passkey/options`, `/auth/passkey` | → `passkeyOptions`; `passkeyResponseRequest` → `signedIn` |
 * | `POST /auth/social/{provider}`, `GET /auth/callback/{provider}` | `socialSignInRequest` → `redirectTo`; a redirect |
 * | `POST /auth/sign-out` | → 204 |
 * | `GET /v1/session`, `POST /v1/session/tenant` | → `session`; `switchTenantRequest` → `session` |
 * | `PATCH /v1/me` | `updatePersonRequest` → `person` |
 * | `GET /v1/me/sessions`, `DELETE /v1/me/sessions/{id}`, `DELETE /v1/me/sessions?keep_current=` | → `browserSessionList`; 204 |
 * | `POST /v1/me/password`, `/v1/me/email` | `changePasswordRequest` → 204; `changeEmailRequest` → 202 `accepted` |
 * | `POST /v1/me/two-factor`, `/confirm`, `/disable`, `/backup-codes` | `proofRequest` or `totpCodeRequest` → `twoFactorSetup`, 204, 204, `backupCodes` |
 * | `POST /v1/me/passkeys/options` | `proofRequest` → `passkeyOptions` |
 * | `POST`, `GET /v1/me/passkeys`, `DELETE /v1/me/passkeys/{id}` | `addPasskeyRequest` → `passkey`, `passkeyList`, 204 |
 * | `GET /v1/me/security-events` | → `securityEventList` |
 * | `POST /v1/me/delete` | `proofRequest` → 204 |
 * | `GET /dev/mailbox/mails`, `PUT /dev/people` | → `devMailList`; `devPersonRequest`, with the operator’s token → `person`. Local deployments only. |
 */

/** A name that people read: no control characters, and none that turn the direction of text. */
const personName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}\u202a-\u202e\u2066-\u2069]*$/u, { error: 'must not have control characters' });

/** Addresses are compared in lower case. */
const emailAddress = z.string().trim().toLowerCase().pipe(z.email().max(254));

/** A password that is being chosen. */
const newPassword = z
  .string()
  .min(MIN_PASSWORD_LENGTH, { error: `must have at least ${MIN_PASSWORD_LENGTH} characters` })
  .max(MAX_PASSWORD_LENGTH, { error: `must have at most ${MAX_PASSWORD_LENGTH} characters` });

/** A password that is shown as proof: nothing is said of its form. */
const givenPassword = z.string().min(1).max(MAX_PASSWORD_LENGTH);

/** What a mail's link carries after `#token=`. */
const mailedToken = z.string().min(16).max(2_048);

export const signUpRequestSchema = z
  .strictObject({
    name: personName,
    email: emailAddress,
    password: newPassword,
    referral: referralCode
      .optional()
      .meta({ description: 'The code of who sent you: both get a bonus when you pay for the first time.' }),
  })
  .meta({ id: 'SignUpRequest' });

export const emailRequestSchema = z.strictObject({ email: emailAddress }).meta({ id: 'EmailRequest' });

/** The same for every address, known or not: what happened is in the mail alone. */
export const acceptedSchema = z
  .object({ object: z.literal('accepted'), message: z.string() })
  .meta({ id: 'Accepted' });

export const verifyEmailRequestSchema = z
  .strictObject({ token: mailedToken })
  .meta({ id: 'VerifyEmailRequest' });

export const verifiedSchema = z
  .object({ object: z.literal('verified_email'), email: z.string() })
  .meta({ id: 'VerifiedEmail' });

export const resetPasswordRequestSchema = z
  .strictObject({ token: mailedToken, password: newPassword })
  .meta({ id: 'ResetPasswordRequest' });

export const signInRequestSchema = z
  .strictObject({
    email: emailAddress,
    password: givenPassword,
    remember: z.boolean().default(true).meta({ description: 'Whether the session outlasts the browser.' }),
  })
  .meta({ id: 'SignInRequest' });

/** Ways to prove more than the password. `passkey` is done with `POST /auth/passkey`, the others with `POST /auth/second-factor`. */
export const SECOND_FACTORS = ['totp', 'backup_code', 'email_code', 'passkey'] as const;
export const secondFactorSchema = z.enum(SECOND_FACTORS);
export type SecondFactor = z.infer<typeof secondFactorSchema>;

export const personSchema = z
  .object({
    object: z.literal('person'),
    id: z.string(),
    name: z.string(),
    email: z.string(),
    email_verified: z.boolean(),
    two_factor: z.boolean().meta({ description: 'Whether codes of an authenticator app are asked for.' }),
    operator: z.boolean().meta({ description: 'Whether the operator’s routes are open to this person.' }),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'Person' });
export type PersonView = z.infer<typeof personSchema>;

export const signedInSchema = z
  .object({ status: z.literal('signed_in'), person: personSchema })
  .meta({ id: 'SignedIn' });

export const signInAnswerSchema = z
  .discriminatedUnion('status', [
    signedInSchema,
    z.object({
      status: z.literal('second_factor'),
      methods: z.array(secondFactorSchema).min(1),
      reason: z
        .enum(['enrolled', 'new_device', 'new_country'])
        .meta({ description: 'Why: the person set it up, or the sign-in comes from an unusual place.' }),
    }),
  ])
  .meta({ id: 'SignInAnswer' });
export type SignInAnswer = z.infer<typeof signInAnswerSchema>;

export const secondFactorRequestSchema = z
  .strictObject({
    method: z.enum(['totp', 'backup_code', 'email_code']),
    code: z.string().trim().min(6).max(20),
  })
  .meta({ id: 'SecondFactorRequest' });

/** A tenant that a person belongs to, with their role in it. */
export const tenantOfPersonSchema = z
  .object({ id: z.string(), name: z.string(), role: z.enum(ROLES) })
  .meta({ id: 'TenantOfPerson' });
export type TenantOfPerson = z.infer<typeof tenantOfPersonSchema>;

/** `GET /v1/session`: who is signed in, and in whose name. */
export const sessionSchema = z
  .object({
    object: z.literal('session'),
    id: z.string(),
    person: personSchema,
    tenant: tenantOfPersonSchema.nullable().meta({
      description: 'The tenant that requests of this session act for; null when the person has left it.',
    }),
    tenants: z.array(tenantOfPersonSchema),
    expires_at: z.iso.datetime(),
  })
  .meta({ id: 'Session' });
export type SessionView = z.infer<typeof sessionSchema>;

export const switchTenantRequestSchema = z
  .strictObject({ tenant_id: z.string().min(1).max(100) })
  .meta({ id: 'SwitchTenantRequest' });

export const browserSessionSchema = z
  .object({
    id: z.string(),
    object: z.literal('browser_session'),
    current: z.boolean(),
    device: z
      .string()
      .meta({ description: 'Browser and system, as far as the browser says: “Firefox on Linux”.' }),
    country: z.string().nullable(),
    created_at: z.iso.datetime(),
    expires_at: z.iso.datetime(),
  })
  .meta({ id: 'BrowserSession' });

export const browserSessionListSchema = z
  .object({ object: z.literal('list'), data: z.array(browserSessionSchema) })
  .meta({ id: 'BrowserSessionList' });

export const endSessionsQuerySchema = z.object({
  keep_current: z
    .enum(['true', 'false'])
    .default('true')
    .meta({ description: 'Whether the session that asks goes on.' }),
});

export const updatePersonRequestSchema = z
  .strictObject({ name: personName })
  .meta({ id: 'UpdatePersonRequest' });

export const changePasswordRequestSchema = z
  .strictObject({
    current_password: givenPassword.optional().meta({ description: 'Left out by people who have none yet.' }),
    new_password: newPassword,
  })
  .meta({ id: 'ChangePasswordRequest' });

/** Proof of being the account's person. People without a password must have signed in within the last ten minutes instead. */
export const proofRequestSchema = z
  .strictObject({ password: givenPassword.optional() })
  .meta({ id: 'ProofRequest' });

export const changeEmailRequestSchema = z
  .strictObject({ email: emailAddress, password: givenPassword.optional() })
  .meta({ id: 'ChangeEmailRequest' });

export const twoFactorSetupSchema = z
  .object({
    object: z.literal('two_factor_setup'),
    uri: z.string().meta({ description: 'For the authenticator app, as `otpauth://…`; shown as a QR code.' }),
    secret: z.string().meta({ description: 'The same secret in base 32, to type in.' }),
    backup_codes: z.array(z.string()),
  })
  .meta({ id: 'TwoFactorSetup' });

export const totpCodeRequestSchema = z
  .strictObject({
    code: z
      .string()
      .trim()
      .regex(/^\d{6}$/, { error: 'must be six digits' }),
  })
  .meta({ id: 'TotpCodeRequest' });

export const backupCodesSchema = z
  .object({ object: z.literal('backup_codes'), backup_codes: z.array(z.string()) })
  .meta({ id: 'BackupCodes' });

/** What the browser's `navigator.credentials` takes and gives (WebAuthn level 3, JSON forms). */
export const passkeyOptionsSchema = z.record(z.string(), z.unknown()).meta({ id: 'PasskeyOptions' });

const base64urlText = z
  .string()
  .max(8_192)
  .regex(/^[A-Za-z0-9_-]*$/, { error: 'must be base64url' });

export const passkeyResponseRequestSchema = z
  .strictObject({
    response: z
      .object({
        id: base64urlText.min(1),
        rawId: base64urlText.min(1),
        type: z.literal('public-key'),
        response: z.object({
          clientDataJSON: base64urlText,
          authenticatorData: base64urlText,
          signature: base64urlText,
          userHandle: base64urlText.optional(),
        }),
        authenticatorAttachment: z.enum(['platform', 'cross-platform']).optional(),
        clientExtensionResults: z.record(z.string(), z.unknown()),
      })
      .meta({ description: '`PublicKeyCredential.toJSON()` of what `navigator.credentials.get` gave.' }),
  })
  .meta({ id: 'PasskeyResponseRequest' });
export type PasskeyAssertion = z.infer<typeof passkeyResponseRequestSchema>['response'];

export const addPasskeyRequestSchema = z
  .strictObject({ name: personName, response: z.record(z.string(), z.unknown()) })
  .meta({ id: 'AddPasskeyRequest' });

export const passkeySchema = z
  .object({
    id: z.string(),
    object: z.literal('passkey'),
    name: z.string(),
    backed_up: z
      .boolean()
      .meta({ description: 'Whether it is kept with an account of its maker, on several devices.' }),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'Passkey' });

export const passkeyListSchema = z
  .object({ object: z.literal('list'), data: z.array(passkeySchema) })
  .meta({ id: 'PasskeyList' });

export const SOCIAL_PROVIDERS = ['google', 'github', 'microsoft'] as const;
export const socialProviderSchema = z.enum(SOCIAL_PROVIDERS);
export type SocialProvider = z.infer<typeof socialProviderSchema>;

/** `GET /auth/ways`: what the sign-in page offers. */
export const signInWaysSchema = z
  .object({
    object: z.literal('sign_in_ways'),
    password: z.literal(true),
    passkey: z.literal(true),
    social: z.array(socialProviderSchema),
    dev_mailbox: z
      .boolean()
      .meta({ description: 'Whether mails can be read at `/dev/mailbox`, on a local deployment.' }),
  })
  .meta({ id: 'SignInWays' });

export const socialSignInRequestSchema = z
  .strictObject({
    return_to: z
      .string()
      .max(2_048)
      .default('/')
      .meta({ description: 'Path of this origin to come back to; any other address is refused.' }),
  })
  .meta({ id: 'SocialSignInRequest' });

export const redirectToSchema = z
  .object({ object: z.literal('redirect'), url: z.string() })
  .meta({ id: 'RedirectTo' });

/** What happened to an account's security. */
export const SECURITY_EVENTS = [
  'signed_up',
  'signed_in',
  'sign_in_failed',
  'second_factor_asked',
  'second_factor_failed',
  'signed_out',
  'sessions_ended',
  'locked',
  'unlocked',
  'email_verified',
  'email_changed',
  'password_changed',
  'password_reset_asked',
  'password_reset',
  'two_factor_enabled',
  'two_factor_disabled',
  'backup_codes_renewed',
  'backup_code_used',
  'passkey_added',
  'passkey_removed',
  'social_account_linked',
  'new_place_key',
  'new_place_token',
  'data_exported',
  'account_deleted',
] as const;
export const securityEventKindSchema = z.enum(SECURITY_EVENTS);
export type SecurityEventKind = z.infer<typeof securityEventKindSchema>;

export const securityEventSchema = z
  .object({
    id: z.string(),
    object: z.literal('security_event'),
    kind: securityEventKindSchema,
    device: z.string().meta({ description: 'Browser and system, as far as they are known.' }),
    country: z.string().nullable().meta({ description: 'ISO 3166-1 alpha-2.' }),
    ip: z.string().nullable(),
    risk: z
      .int()
      .min(0)
      .max(100)
      .meta({ description: '0: as always. From 50 on a second factor is asked for.' }),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'SecurityEvent' });
export type SecurityEventView = z.infer<typeof securityEventSchema>;

export const securityEventListQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().max(100).optional(),
});

export const securityEventListSchema = z
  .object({
    object: z.literal('list'),
    data: z.array(securityEventSchema),
    has_more: z.boolean(),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: 'SecurityEventList' });

/** Body of `PUT /v1/operator/people`. */
export const operatorRequestSchema = z
  .strictObject({ email: emailAddress, operator: z.boolean() })
  .meta({ id: 'OperatorRequest' });

/** A mail of the local outbox. */
export const devMailSchema = z
  .object({
    id: z.string(),
    object: z.literal('mail'),
    to: z.string(),
    subject: z.string(),
    text: z.string(),
    html: z.string(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'DevMail' });

export const devMailQuerySchema = z.object({
  to: z.string().max(254).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});

export const devMailListSchema = z
  .object({ object: z.literal('list'), data: z.array(devMailSchema) })
  .meta({ id: 'DevMailList' });

/** Body of `PUT /dev/people`: gives somebody who exists a password, on a local deployment, for its operator. */
export const devPersonRequestSchema = z
  .strictObject({ email: emailAddress, password: newPassword })
  .meta({ id: 'DevPersonRequest' });
