import type { CheckedAddress } from '../../flows/callers/check-addresses.ts';
import type { Tally } from '../../flows/callers/count-callers.ts';
import { writeJsonText } from '../../model/json-text.ts';
import { SCHEMA_VERSION, makePieceWriter } from '../terminal/output.ts';
import { renderChecked, renderCheckedLine, renderTally } from './render-checked-addresses.ts';
import type { Outputs } from '../terminal/reporter-flags.ts';

/** Writes results as they come: a log of any length takes no more memory than one of its results. */
export interface CheckedReporter {
  checked(one: CheckedAddress): Promise<void>;
  end(tally: Tally): Promise<void>;
}

/** Text and JSON on stdout come as the run goes on; a Report, for everything else, is written as a whole at its end. */
export function makeCheckedReporter(outputs: Outputs, isLog: boolean): CheckedReporter {
  const { document, files, github } = outputs;
  const isStdoutAlone = files.length === 0 && github === null;
  if (isStdoutAlone && document === null) return makeTextReporter(isLog);
  return isStdoutAlone && document?.name === 'json' ? makeJsonReporter() : makeReportWriter(outputs);
}

function makeReportWriter(outputs: Outputs): CheckedReporter {
  const results: CheckedAddress[] = [];
  const beganAt = performance.now();
  return {
    checked: async (one) => {
      results.push(one);
    },
    async end(tally) {
      const [{ reportAddresses }, { writeReports }] = await Promise.all([
        import('../../flows/callers/report-addresses.ts'),
        import('../terminal/reporters.ts'),
      ]);
      await writeReports(reportAddresses(results, tally, performance.now() - beganAt, Date.now()), outputs);
    },
  };
}

/** One document, begun with the first result: an error before it leaves stdout empty. */
function makeJsonReporter(): CheckedReporter {
  const head = `{"schemaVersion":${SCHEMA_VERSION},"results":[`;
  const { write, finish } = makePieceWriter();
  let count = 0;
  return {
    checked: (one) => write(`${count++ === 0 ? head : ',\n'}${writeJsonText(one)}`),
    end: ({ addresses, lines, unreadable }) =>
      finish(
        `${count === 0 ? head : ''}],"addresses":${writeJsonText(addresses)},"lines":${writeJsonText({ ...lines, unreadable })}}\n`,
      ),
  };
}

function makeTextReporter(isLog: boolean): CheckedReporter {
  const { write, finish } = makePieceWriter();
  let count = 0;
  return {
    checked: (one) =>
      write(isLog ? `${renderCheckedLine(one)}\n` : `${count++ === 0 ? '' : '\n'}${renderChecked(one)}\n`),
    end: (tally) => {
      const text = renderTally(tally, isLog);
      return finish(text === null ? '' : `\n${text}\n`);
    },
  };
}
