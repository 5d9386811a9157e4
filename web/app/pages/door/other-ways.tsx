import { Fingerprint } from 'lucide-react';
import type { ReactNode } from 'react';
import type { SocialProvider } from '../../../../src/contracts/accounts.ts';
import { Button } from '../../../ui/button.tsx';
import { beginSocial, passkeySignIn, passkeySignInOptions, type SignedIn } from '../../api/accounts.ts';
import type { SignInWays } from '../../api/session.ts';
import { useAct } from '../../api/use-act.ts';
import { ProblemNotice } from '../../frame/failure.tsx';
import { askPasskey } from '../../passkey.ts';
import { returnPath } from '../../return-to.ts';

const NAMES: Readonly<Record<SocialProvider, string>> = {
  google: 'Google',
  github: 'GitHub',
  microsoft: 'Microsoft',
};

/** Ways in without a password. Only those that this deployment has are shown. */
export function OtherWays({
  ways,
  returnTo,
  passkey,
  onSignedIn,
}: {
  readonly ways: SignInWays | undefined;
  readonly returnTo: string | undefined;
  readonly passkey: boolean;
  readonly onSignedIn?: (signedIn: SignedIn) => void;
}): ReactNode {
  const social = useAct((provider: SocialProvider) => beginSocial(provider, returnPath(returnTo)), {
    after: ({ url }) => window.location.assign(url),
  });
  const key = useAct(async () => passkeySignIn(await askPasskey(await passkeySignInOptions())), {
    after: (signedIn) => onSignedIn?.(signedIn),
  });
  if (!passkey && (ways?.social.length ?? 0) === 0) return null;
  return (
    <div className="flex flex-col gap-2 pt-5">
      <p className="flex items-center gap-3 pb-3 text-12 text-text-3 before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
        or
      </p>
      {passkey && (
        <Button size="wide" icon={Fingerprint} busy={key.busy} onClick={() => key.act()}>
          Use a passkey
        </Button>
      )}
      {ways?.social.map((provider) => (
        <Button key={provider} size="wide" busy={social.busy} onClick={() => social.act(provider)}>
          Go on with {NAMES[provider]}
        </Button>
      ))}
      <ProblemNotice problem={key.problem ?? social.problem} />
    </div>
  );
}
