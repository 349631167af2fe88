#!/usr/bin/env bash
# A CI job with axbench: conformance, a run, and the comparison with the baseline that lies in results/. README "In CI" tells of it.
#
#   SCENARIO          the scenario file; its name: is that of the history
#   MAIN              true on the branch whose runs are the history: there the first passing run becomes the baseline
#   RENEW             true, on that branch: this run becomes the baseline, whatever it is like beside the old one
#   WITHOUT_BASELINE  on other branches: fail (the default) or warn
#   INCONCLUSIVE      when two runs together do not tell whether anything is worse: fail (the default) or warn
#   MIN_EFFECT        the smallest changes that matter, as --min-effect of axbench compare takes them, blanks between: 5% p99=10ms
#   SUMMARY           file to append the Markdown summary to; default reports/summary.md
#
# Where the calls go is said by AXBENCH_TARGET, the twin of --target, and so is everything else that conform, run and compare take as a flag.
# Ends with the exit code of what went wrong, of several the first of 4 6 3 5 7. Leaves JUnit, Markdown and pages in reports/.
set -uo pipefail

: "${SCENARIO:?names no scenario file}"
mkdir -p reports || exit 1
summary=${SUMMARY:-reports/summary.md}
name=$(sed -n 's/^name: *\([A-Za-z0-9._-]*\).*/\1/p' "$SCENARIO") || exit 2
codes=()
effects=()
for effect in ${MIN_EFFECT:-}; do effects+=(--min-effect "$effect"); done

# says TEXT puts a line into the log and the summary.
says() { printf '%s\n\n' "$1" | tee -a "$summary"; }

# newest REFERENCE prints the directory of a run.
newest() { axbench results show "$1" --kind run --scenario "$name" --path; }

# keep DIRECTORY FILE copies a page that a command has left, if it has.
keep() { if [ -f "$1/report.html" ]; then cp "$1/report.html" "reports/$2"; fi; }

# measure N makes a run, and once more if the machine was too busy to make it (exit 6).
measure() {
  for try in 1 2; do
    axbench run "$SCENARIO" --report "junit=reports/run$1.xml" --report "markdown=reports/run$1.md"
    code=$?
    [ "$code" = 6 ] || break
    echo "axbench was the limit, not the target: run $1, try $try"
  done
  cat "reports/run$1.md" >>"$summary"
  run=$(newest latest) && keep "$run" "run$1.html"
  return "$code"
}

# hold NEW compares runs with the baseline.
hold() {
  axbench compare "$baseline" "$1" ${effects[@]+"${effects[@]}"} --report junit=reports/compare.xml --report markdown=reports/compare.md --report html=reports/compare.html
}

axbench conform --report junit=reports/conform.xml --report markdown=reports/conform.md
codes+=("$?")
cat reports/conform.md >>"$summary"
conform=$(axbench results show latest --kind conform --path) && keep "$conform" conform.html

measure 1
measured=$?
codes+=("$measured")

first=false
baseline=$(newest baseline)
found=$?
if [ "${MAIN:-false}" = true ] && { [ "$found" = 7 ] || [ "${RENEW:-false}" = true ]; }; then
  first=true
elif [ "$found" = 7 ]; then
  says "**No baseline:** nothing says whether this is worse than before. A passing run of the main branch makes one."
  [ "${WITHOUT_BASELINE:-fail}" = warn ] || codes+=(7)
elif [ "$found" != 0 ]; then
  codes+=("$found")
elif [ "$measured" = 0 ] || [ "$measured" = 3 ]; then
  new=$run
  hold "$new"
  held=$?
  if [ "$held" = 7 ]; then # a second run tells more, also of how runs differ by themselves
    measure 2
    codes+=("$?")
    hold "$new,$run"
    held=$?
  fi
  cat reports/compare.md >>"$summary"
  if [ "$held" = 7 ] && [ "${INCONCLUSIVE:-fail}" = warn ]; then
    says "**Inconclusive:** taken as a warning. Longer runs tell more."
  else
    codes+=("$held")
  fi
fi

axbench results trend --scenario "$name" --output reports/trend.html || codes+=("$?")
for worst in 1 2 8 130 143 4 6 3 5 7 0; do
  case " ${codes[*]} " in *" $worst "*) break ;; esac
done
for code in "${codes[@]}"; do
  case " 1 2 8 130 143 4 6 3 5 7 0 " in *" $code "*) ;; *) worst=1 ;; esac # no code of axbench's: it did not start, or was killed
done
if [ "$first" = true ] && [ "$worst" = 0 ]; then
  axbench results tag "$run" baseline || exit
  says "**New baseline:** later runs are held against this one."
fi
if [ "${MAIN:-false}" = true ]; then
  axbench results prune --keep 20 --yes || exit
fi
exit "$worst"
