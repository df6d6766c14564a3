#!/bin/bash
# Runs the printed script on a real Slurm, on this machine alone, and compares the result
# with that of the local command: bash slurm.sh CNNLAB, as root, with Debian's packages
# slurmctld, slurmd, slurm-client and munge. It stops what it has started.
set -euo pipefail
cnnlab=$(realpath "$1")
dir=$(mktemp -d)
cd "$dir"
mkdir -p state spool munge
host=$(hostname -s)
dd if=/dev/urandom of=munge/key bs=1024 count=1 status=none
chmod 700 munge && chmod 600 munge/key && chown -R munge: munge
chmod 755 "$dir"
cat >slurm.conf <<CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$dir/munge/socket
CryptoType=crypto/munge
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
SlurmctldPort=16817
SlurmdPort=16818
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
SlurmctldLogFile=$dir/slurmctld.log
SlurmdLogFile=$dir/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
KillWait=5
MessageTimeout=30
JobRequeue=1
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=1500 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE:4
CONF
export SLURM_CONF=$dir/slurm.conf
runuser -u munge -- munged --key-file="$dir/munge/key" --socket="$dir/munge/socket" --pid-file="$dir/munge/pid" --log-file="$dir/munge/log" --seed-file="$dir/munge/seed" --force
stop() {
	for pid in slurmd.pid slurmctld.pid munge/pid; do
		[ -f "$dir/$pid" ] && kill "$(cat "$dir/$pid")" 2>/dev/null || true
	done
}
trap stop EXIT
slurmctld -f "$SLURM_CONF"
slurmd -f "$SLURM_CONF" -N "$host"
for _ in $(seq 50); do sinfo -h -o %t 2>/dev/null | grep -q idle && break; sleep 0.2; done
sinfo -h

# A rate on generated digits, and one that diverges. The time limit is a minute, of which
# Slurm gives warning when 45 s or more are left: the first, which trains for
# longer, is stopped and goes on when it is put back into the queue.
command=(-exp lr-sweep -dataset digits -lr 0.01,1e5 -epochs 8 -out slurm)
"$cnnlab" "${command[@]}" -print-slurm >sweep.sh
CNNLAB=$cnnlab GOMAXPROCS=1 bash sweep.sh --mem=500 --cpus-per-task=1 --time=1 --signal=B:USR1@45
for _ in $(seq 400); do
	[ -z "$(squeue -h)" ] && break
	for waiting in $(squeue -h -t PD -o '%i %r' | sed -n 's/ BeginTime$//p'); do
		scontrol update JobId="$waiting" StartTime=now # Slurm would wait two minutes
	done
	sleep 0.5
done
squeue
stopped=$(grep -c 'DUE TO JOB REQUEUE' slurmd.log || true) # none on a machine that trains faster
echo "stopped by its time limit and requeued: $stopped"
grep -h . cnnlab-*.log || true
[ -f slurm/lr-sweep-digits/summary.md ] || { echo 'there is no merged report'; exit 1; }

"$cnnlab" "${command[@]:0:$((${#command[@]} - 2))}" -out local -quiet >/dev/null
same=0
for file in $(cd local && find . -name steps.csv -o -name weights.safetensors -o -name predictions.csv -o -name confusion.csv -o -name chosen.json); do
	cmp "local/$file" "slurm/$file" && same=$((same + 1))
done
echo "Slurm $(sinfo -V): $same files of the array's result equal the local ones byte for byte"
[ "$same" -ge 8 ]
