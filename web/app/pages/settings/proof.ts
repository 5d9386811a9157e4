import type { Problem } from '../../api/problem.ts';

/** What was wrong with the password that was asked for as proof, for the field; undefined when it was something else. Pure. */
export function proofErrors(problem: Problem | null): Readonly<Record<string, string>> | undefined {
  if (problem === null) return undefined;
  return problem.reason === 'wrong_password' || problem.param === 'password'
    ? { password: problem.message }
    : undefined;
}

/** What went wrong besides. Pure. */
export function proofProblem(problem: Problem | null): Problem | null {
  return proofErrors(problem) === undefined ? problem : null;
}
