#!/usr/bin/env bash
# The generators of the run {{.Run}}: {{.Generators}} nodes with a task each, whose rank is its slot.
#
# Start the run first. It waits for them, for as long as --formation says; a queue takes time:
#   axbench run SCENARIO --generators {{.Generators}} --nats {{.NATS}} --run-id {{.Run}} --formation 10m
#   sbatch this-file
{{- if .EnvFile}}
#
# {{.EnvFile}}, yours and with mode 0600 on every node, has NAME=VALUE a line, without quotes: ALIBABA_CLOUD_ACCESS_KEY_ID,
# ALIBABA_CLOUD_ACCESS_KEY_SECRET, ALIBABA_CLOUD_SECURITY_TOKEN, AXBENCH_NATS_USER, AXBENCH_NATS_PASSWORD.
{{- end}}
#SBATCH --job-name={{.Name}}
#SBATCH --nodes={{.Generators}}
#SBATCH --ntasks={{.Generators}}
#SBATCH --ntasks-per-node=1
#SBATCH --time={{.Clock}}
# Nothing else on the nodes: a generator that waits for a CPU is late.
#SBATCH --exclusive
# A slot is taken once in a run, and a node that is lost does not end the others.
#SBATCH --no-requeue
#SBATCH --no-kill
#SBATCH --export=NONE
#SBATCH --signal=TERM@60
set -euo pipefail

agent=(
  {{q .Program}}
{{- range .Argv}}
  {{.}}
{{- end}}
)

# What each task does.{{if .EnvFile}} It reads the credentials itself: they are in no environment that Slurm keeps or sends.{{end}}
task=$(
  cat <<'END_OF_TASK'
set -euo pipefail
env_file=$1
shift
if [ -n "$env_file" ]; then
  if [ "$(stat -L -c %u:%a -- "$env_file")" != "$(id -u):600" ]; then
    printf 'axbench: error: %s is not this user'\''s alone: chmod 600\n' "$env_file" >&2
    exit 2
  fi
  number=0
  while IFS= read -r line || [ -n "$line" ]; do
    number=$((number + 1))
    case $line in
    '' | '#'*) ;;
    *=[\"\']*)
      printf 'axbench: error: %s:%d: values have no quotes\n' "$env_file" "$number" >&2
      exit 2
      ;;
    ALIBABA_CLOUD_ACCESS_KEY_ID=* | ALIBABA_CLOUD_ACCESS_KEY_SECRET=* | ALIBABA_CLOUD_SECURITY_TOKEN=* | AXBENCH_NATS_USER=* | AXBENCH_NATS_PASSWORD=*)
      export "${line?}"
      ;;
    *)
      printf 'axbench: error: %s:%d: none of the names that an agent reads\n' "$env_file" "$number" >&2
      exit 2
      ;;
    esac
  done <"$env_file"
fi
exec "$1" "$2" --prefer "$SLURM_PROCID" "${@:3}"
END_OF_TASK
)

exec srun --ntasks={{.Generators}} --ntasks-per-node=1 --kill-on-bad-exit=0 --no-kill --wait=0 --export=ALL \
  bash -c "$task" axbench-agent {{q .EnvFile}} "${agent[@]}"
