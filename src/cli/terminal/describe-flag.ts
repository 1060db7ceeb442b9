import type { Option } from 'commander';

/** As commander does it, but an empty list is not shown as a default, and nothing is said twice. */
export function describeFlag({ description, defaultValue, defaultValueDescription, argChoices }: Option): string {
  const notes = [
    ...(argChoices === undefined || argChoices.every((choice) => description.includes(choice))
      ? []
      : [argChoices.join(', ')]),
    ...(defaultValueDescription !== undefined || ['string', 'number'].includes(typeof defaultValue)
      ? [`default: ${defaultValueDescription ?? defaultValue}`]
      : []),
  ].filter((note) => !description.includes(note));
  return notes.length === 0 ? description : `${description} (${notes.join('; ')})`;
}
