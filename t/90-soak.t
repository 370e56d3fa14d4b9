#!/usr/bin/perl
# Everything at once for minutes: reloads, killed sidecars, killed workers, changing data, under load.
# Runs with GATEHOUSE_LONG=1; GATEHOUSE_SOAK_SECONDS says for how long (600).

use v5.36;
use lib 't/lib';
use Gatehouse;
use Test::More;

plan skip_all => 'set GATEHOUSE_LONG=1' if !$ENV{GATEHOUSE_LONG};
my $seconds = $ENV{GATEHOUSE_SOAK_SECONDS} // 600;
my $t = Gatehouse->new(workers => 2);
plan skip_all => 'needs the module and the sidecar' if !$t->built('module', 'sidecar');

my $rows = 5000;
$t->write_rows(1, $rows);
$t->scene_config(max_age => '60s', stale => '60s');
$t->start_sidecar;
$t->scene_nginx;
$t->start_nginx;
$t->wait_in_step;

my $clients = 2;
my @loads = map {
    $t->load(paths => ['/api/count', '/api/rows', '/api/count'], clients => $clients / 2, keepalive => $_)
} 0, 1;
my $writer = $t->keep_writing($rows, 0.3);

my %done = (reloads => 0, sidecars => 0, workers => 0);
my %act = (
    reloads => sub { kill 'HUP', $t->nginx_pid },
    sidecars => sub { $t->kill_sidecar(('KILL', 'KILL', 'TERM')[rand 3]); $t->start_sidecar },
    workers => sub { my @workers = $t->nginx_workers; $t->kill_worker($workers[rand @workers]) if @workers },
);
my @kinds = qw(reloads reloads reloads reloads sidecars sidecars workers);
my $end = now() + $seconds;
my $master = $t->nginx_pid;
my $memory;
while (now() < $end) {
    my $kind = $kinds[rand @kinds];
    eval { $act{$kind}->(); 1 } or diag "$kind: $@";
    ++$done{$kind};
    $memory //= Gatehouse::Process::memory_kib($master) if $done{reloads} > 20;
    my $until = now() + rand 1;
    wait_for(sub { now() >= $until }, 2, 'moment');
}
$writer->stop;
my @reports = map { $_->stop } @loads;
my ($requests, $failures, $torn) = (0, 0, 0);
for my $report (@reports) {
    $requests += $report->{requests};
    $failures += $report->{failures};
    $torn += $report->{torn};
    is_deeply [keys %{$report->{statuses}}], [200], 'every answer was a 200';
}
is $torn, 0, "$requests requests over $done{reloads} reloads, $done{sidecars} killed sidecars: 0 torn";
cmp_ok $failures, '<=', $clients * $done{workers},
    "$done{workers} killed workers: at most the requests under way in them failed ($failures)";
is $t->nginx_pid, $master, 'nginx is the same';
if (defined $memory) {
    my $now = Gatehouse::Process::memory_kib($master);
    cmp_ok $now, '<', $memory + 8192, "the master's memory: $memory KiB, then $now KiB";
}
wait_for(sub { 2 == (my @all = $t->nginx_workers(all => 1)) }, 30, 'end of the old workers');
$t->write_rows(1_000_000, $rows);
ok $t->wait_for_generation(1_000_000, '/api/rows', 20), 'and it goes on';

$t->done;
