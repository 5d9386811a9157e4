/** What the stand-ins claim about a subject: some claims all voices share, and one of its own for each voice. */

export interface Subject {
  name: string;
  /** Words whose stems show that a question is about this. */
  signs: string;
  shared: readonly string[];
  swift: readonly string[];
  sage: readonly string[];
  scribe: readonly string[];
  against: string;
  favour: string;
}

/** The subjects, most particular first; the last is for every other question. */
export const SUBJECTS: readonly Subject[] = [
  {
    name: 'data',
    signs:
      'database databases sql sqlite postgres postgresql mysql redis session sessions store cache storage schema index query queries table data vector queue kafka',
    shared: [
      'The way the data is read matters more than the way it is written.',
      'One writer per record removes most consistency problems before they start.',
      'An index that no query uses only makes every write slower.',
    ],
    swift: [
      'Pick the store your team already runs and add an index before adding a system.',
      'Start with a single relational database and move hot rows out only when a measurement says so.',
    ],
    sage: [
      'A second store is justified only when the two access patterns cannot share one consistency model.',
      'Caching should come last, because a stale answer is harder to notice than a slow one.',
    ],
    scribe: [
      'The migration path deserves a written plan before the first table exists.',
      'Backups count only after a restore has been rehearsed on real volumes.',
    ],
    against: 'The usual database advice ignores the cost of running what it recommends.',
    favour: 'A well-chosen database pays back its learning cost within one quarter.',
  },
  {
    name: 'security',
    signs:
      'security secure attack threat password auth authentication encryption encrypt token tokens secret vulnerability privacy hack firewall',
    shared: [
      'Deny by default is easier to audit than a list of things to block.',
      'A secret that appears in a log must be treated as lost.',
      'The weakest link is usually recovery, not the lock itself.',
    ],
    swift: [
      'Rotate the keys today and automate the rotation tomorrow.',
      'Turn on passkeys first, since they remove phishing in one step.',
    ],
    sage: [
      'Threat models age faster than code, so review the assumptions each half year.',
      'Strong encryption does not help when the wrong person holds a valid session.',
    ],
    scribe: [
      'Every permission should name an owner and a date on which it ends.',
      'Write the incident procedure before the incident, and practise it once.',
    ],
    against: 'More security controls often move the risk to the people who must work around them.',
    favour: 'Security work done early costs a tenth of what it costs after a breach.',
  },
  {
    name: 'speed',
    signs:
      'latency performance fast faster slow throughput scale scaling scalable edge benchmark optimize optimise memory cpu load concurrency stream',
    shared: [
      'Measure the slowest one percent before changing anything.',
      'Work that is not done at all is the fastest work.',
      'Distance to the user sets a floor that no code can lower.',
    ],
    swift: [
      'Profile once, fix the top entry, and stop there.',
      'Batch the small calls, because the round trips cost more than the work.',
    ],
    sage: [
      'Averages hide the users who leave, so set the target at a high percentile.',
      'Concurrency helps only until the shared resource behind it saturates.',
    ],
    scribe: [
      'Keep a performance budget in the build so that regressions fail early.',
      'Record the workload with every measurement, or the numbers cannot be compared.',
    ],
    against: 'Tuning for speed before the load exists buys complexity and nothing else.',
    favour: 'Speed is a feature that users notice on every single visit.',
  },
  {
    name: 'code',
    signs:
      'code bug bugs function typescript javascript python rust java golang test tests testing refactor api library framework program programming software compiler review deploy git',
    shared: [
      'Small changes with a failing test first are the safest way forward.',
      'Code is read far more often than it is written.',
      'The simplest interface that covers the real cases wins in the long run.',
    ],
    swift: [
      'Write the smallest version that runs and delete what it does not need.',
      'Reproduce the failure in one command, then bisect.',
    ],
    sage: [
      'A rewrite loses the reasons behind the odd lines, so read the history before removing them.',
      'Types catch shapes and not intentions, so keep tests for the intentions.',
    ],
    scribe: [
      'Name each module after the one decision it hides.',
      'Document the invariants beside the code that keeps them.',
    ],
    against: 'Most engineering rules in this area are habits that nobody has measured.',
    favour: 'The approach has already survived in larger codebases than this one.',
  },
  {
    name: 'money',
    signs:
      'price prices pricing cost costs budget invest investment invoice bill billing pay payment salary loan mortgage tax money finance profit revenue subscription',
    shared: [
      'The total cost over three years says more than the price today.',
      'A fixed budget with a weekly review prevents most surprises.',
      'Fees and switching costs decide more outcomes than the headline rate.',
    ],
    swift: [
      'Cut the largest recurring cost first and leave the small ones alone.',
      'Set a hard limit in the system and not in a spreadsheet.',
    ],
    sage: [
      'Cheap options carry a risk that only shows in a bad year.',
      'Past returns tell little once the conditions that made them have gone.',
    ],
    scribe: [
      'List every assumption beside the number that depends on it.',
      'Separate the one-off costs from the running costs before comparing.',
    ],
    against: 'Saving money here usually spends more of somebody’s time.',
    favour: 'The money is recovered as soon as the volume doubles.',
  },
  {
    name: 'health',
    signs:
      'health sleep diet exercise medicine doctor illness pain symptom symptoms vitamin weight stress mental sick fitness nutrition coffee',
    shared: [
      'Regular sleep improves most other measures of health.',
      'A change that lasts a year beats a stricter one that lasts a month.',
      'Symptoms that persist belong in front of a doctor and not of a program.',
    ],
    swift: [
      'Walk thirty minutes a day before buying any equipment.',
      'Fix the bedtime first and the rest becomes easier.',
    ],
    sage: [
      'Studies on diet rely on memory, so treat strong numbers with doubt.',
      'What helps on average may still be wrong for one particular person.',
    ],
    scribe: [
      'Keep a simple log for two weeks before judging any change.',
      'Change one habit at a time so that the effect can be seen.',
    ],
    against: 'Popular health advice in this area outruns its evidence.',
    favour: 'The benefit appears in nearly every group that has been studied.',
  },
  {
    name: 'climate',
    signs:
      'climate energy solar wind carbon emissions electric nuclear battery renewable warming environment recycling pollution heat car cars',
    shared: [
      'Demand that can shift in time makes clean power far cheaper.',
      'Transmission and storage now limit progress more than generation does.',
      'Efficiency remains the cheapest source of energy.',
    ],
    swift: [
      'Insulate first, then electrify, then add panels.',
      'Replace machines when they fail and choose electric then.',
    ],
    sage: [
      'Local grids differ so much that a national average misleads.',
      'Firm low-carbon power keeps its value in the weeks without wind.',
    ],
    scribe: [
      'Compare options by emissions avoided for each unit of money.',
      'Count the embodied carbon along with the operation.',
    ],
    against: 'The plan moves emissions elsewhere more than it removes them.',
    favour: 'The learning curve has beaten every forecast of the last two decades.',
  },
  {
    name: 'places',
    signs:
      'travel trip visit city cities country capital weather hotel flight train holiday vacation map tourist paris london tokyo berlin rome',
    shared: [
      'The season changes the answer more than the itinerary does.',
      'Staying near public transport saves more time than any plan.',
      'Two places seen slowly are remembered better than five seen fast.',
    ],
    swift: [
      'Book the first and last night and leave the middle open.',
      'Take the train whenever it needs under five hours.',
    ],
    sage: [
      'Reviews describe the best week of the year, so check the dates they were written.',
      'What a guide calls central may be the noisiest part of town.',
    ],
    scribe: [
      'Note the opening days of each sight before fixing the route.',
      'Group the visits by district and not by theme.',
    ],
    against: 'The place is at its worst exactly when most people go.',
    favour: 'Few places reward a first visit as much.',
  },
  {
    name: 'learning',
    signs:
      'learn learning study teach teacher school course education student students university language exam book books read reading remember',
    shared: [
      'Recalling something teaches more than reading it again.',
      'Short daily practice beats one long session a week.',
      'Feedback within a day is worth more than detailed feedback later.',
    ],
    swift: [
      'Pick one small project and learn only what it asks for.',
      'Explain it aloud to somebody tonight.',
    ],
    sage: [
      'Early fluency feels like knowledge and often is not.',
      'The order of topics should follow the learner’s mistakes and not the book.',
    ],
    scribe: [
      'Keep a list of open questions and close one each day.',
      'Split the material into parts that fit half an hour.',
    ],
    against: 'The method suits people who would have learned anyway.',
    favour: 'Anyone who keeps at it for three months sees the difference.',
  },
  {
    name: 'work',
    signs:
      'team teams hire hiring manager meeting meetings remote office job career company startup product customer customers deadline project work leader',
    shared: [
      'A clear owner for each decision removes most delays.',
      'Written decisions outlast the meeting in which they were made.',
      'People support a plan that they helped to shape.',
    ],
    swift: [
      'Cancel the recurring meeting and see who misses it.',
      'Ship to five customers this week and ask them.',
    ],
    sage: [
      'Incentives explain more conflicts than personalities do.',
      'What worked in a team of five breaks quietly in a team of fifteen.',
    ],
    scribe: [
      'State the goal, the owner and the date in the first line.',
      'Review the plan on a fixed day and record what changed.',
    ],
    against: 'The change would cost trust that takes years to rebuild.',
    favour: 'Teams that tried it rarely went back.',
  },
  {
    name: 'anything',
    signs: '',
    shared: [
      'The constraints should be written down before the options are compared.',
      'A small reversible trial teaches more than a long discussion.',
      'The choice depends more on who maintains the result than on the result itself.',
      'Most of the value comes from the first simple version.',
    ],
    swift: [
      'Try the cheapest option for one week and keep it unless it fails.',
      'Decide today and set a date to revisit the decision.',
      'Do the obvious thing first and measure afterwards.',
    ],
    sage: [
      'The evidence is thinner than its confidence suggests, so leave room to change course.',
      'An option that can be undone deserves a higher price than it usually gets.',
      'Experts disagree here mainly because they weigh the rare cases differently.',
    ],
    scribe: [
      'Three criteria are enough for a comparison, and a fourth hides the decision.',
      'Each assumption needs an owner who will notice when it breaks.',
      'A one-page record of the reasons saves the next person a month.',
    ],
    against: 'The common answer rests on convenience more than on evidence.',
    favour: 'The evidence in favour is broad even where it is not deep.',
  },
];
