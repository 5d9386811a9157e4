/** Where in a schema a value is being filled in, and what its name says it should hold. */
import type { Claim, Evidence } from '../reading/evidence.ts';
import { type Block, sameLabel } from '../reading/fences.ts';
import type { Schema } from './schema.ts';

export interface Place {
  evidence: Evidence;
  root: Schema;
  /** The nearest property's name; '' at the top. */
  name: string;
  /** The names of the properties beside it. */
  beside: string[];
  /** Position in the nearest list, and how deep the schema is. */
  index: number;
  depth: number;
  inList: boolean;
  /** The answer and the claim that the surrounding object is about. */
  block: Block | undefined;
  claim: Claim | undefined;
  /** Which of several calls or choices is being filled in. */
  turn: number;
}

/** A name's words: `heldBy`, `held_by` and `Held by` are all `held by`. */
export function nameWords(name: string): string[] {
  return name
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

const KINDS = {
  agreement: /^(?:agree\w*|shared?|common|consensus|overlap\w*|unanimous)$/,
  disagreement:
    /^(?:disagree\w*|conflict\w*|differ\w*|contested|disput\w*|diverg\w*|unique|claims?|objections?)$/,
  label:
    /^(?:labels?|answers?|models?|holders?|ids?|candidates?|perspectives?|sources?|authors?|by|who|participants?|responses?|names?)$/,
  holders:
    /^(?:holders?|labels?|answers?|models?|by|who|supporters?|held|holding|perspectives?|sources?|ids?|participants?|candidates?|responses?)$/,
  opponents: /^(?:against|opponents?|dissent\w*|missing|without|not|rejecting|opposing)$/,
  best: /^(?:winner|best|choice|chosen|preferred|pick|top|selected|winning|favou?rite|strongest)$/,
  worst: /^(?:worst|loser|weakest|last)$/,
  score:
    /^(?:scores?|quality|ratings?|grade|points|marks|accuracy|relevance|completeness|clarity|depth|strength|value|usefulness|importance|severity)$/,
  weight: /^(?:weights?|share|contribution|contributions|proportion|influence)$/,
  confidence: /^(?:confidence|certainty|probability|likelihood)$/,
  rank: /^(?:rank|place|position|order)$/,
  count: /^(?:counts?|number|total|size|n|votes?)$/,
  text: /^(?:text|claim|statement|sentence|point|topic|issue|content|summary|description|finding|fact|agreement|disagreement|subject)$/,
  perBlock:
    /^(?:scores?|rankings?|ranked|ranks?|weights?|contributions?|evaluations?|judge?ments?|ratings?|answers?|perspectives?|candidates?|reviews?|assessments?|models?|votes?|labels?|order|positions?|views?|sides?|stances?|verdicts?|grades?|responses?|participants?)$/,
  reason:
    /^(?:reasons?|reasoning|rationale|justification|explanation|why|critique|assessment|comments?|feedback|notes?)$/,
  stance: /^(?:position|stance|view|opinion|argument|stand|side|says?|held)$/,
  whole:
    /^(?:summary|synthesis|conclusion|content|final|answer|merged|response|overview|result|output|report|verdict|recommendation|consensus|message|body)$/,
  title: /^(?:title|heading|headline|subject|topic)$/,
  strength: /^(?:strengths?|pros?|merits?|advantages?|good)$/,
  weakness: /^(?:weakness(?:es)?|cons?|gaps?|missing|omissions?|flaws?|problems?|risks?|limitations?)$/,
  quote: /^(?:quote|evidence|excerpt|passage|citation|snippet)$/,
} as const;

export type Kind = keyof typeof KINDS;

/** Whether a name has a word of a kind. */
export function isNamed(name: string, kind: Kind): boolean {
  return nameWords(name).some((word) => KINDS[kind].test(word));
}

/** Whether a name's last word (its noun) is of a kind: `best_score` is a score, `score_label` a label. */
export function isNoun(name: string, kind: Kind): boolean {
  return KINDS[kind].test(nameWords(name).at(-1) ?? '');
}

/** The member of a list of labels that means this block. */
export function labelFor(block: Block, allowed: readonly unknown[] | undefined): string {
  const fitting = allowed?.find((value) => typeof value === 'string' && sameLabel(value, block.label));
  return typeof fitting === 'string' ? fitting : block.label;
}

/** Whether an enum lists labels of the answers: at least one of its members names a block. */
export function listsLabels(evidence: Evidence, allowed: readonly unknown[] | undefined): boolean {
  return (
    allowed?.some(
      (value) => typeof value === 'string' && evidence.answers.some((block) => sameLabel(value, block.label)),
    ) ?? false
  );
}
