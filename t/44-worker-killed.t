#!/usr/bin/perl
# A worker is killed -9 under load: the next one knows every card with its first request.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Test::More;

my $kills = $ENV{GATEHOUSE_KILLS} // 10;
my $t = Gatehouse->new(workers => 2);
plan skip_all => 'needs the module and the sidecar' if !$t->built('module', 'sidecar');

$t->write_rows(1, 2000);
$t->scene_config(max_age => '30s');
$t->start_sidecar;
$t->scene_nginx;
$t->start_nginx;
$t->wait_in_step;
$t->wait_for_board_file;
my $descriptors = Gatehouse::Process::descriptor_count($t->sidecar_pid);

my $clients = 2;
my $load = $t->load(paths => ['/api/rows', '/api/count'], clients => $clients);
my $writer = $t->keep_writing(2000, 0.25);
for my $kill (1 .. $kills) {
    my $served = () = $t->log_text('access.log') =~ /\n/g;
    $t->kill_worker(($t->nginx_workers)[$kill % 2]);
    wait_for(sub { (() = $t->log_text('access.log') =~ /\n/g) > $served + 20 }, 10, 'requests after a kill');
}
$writer->stop;
my $report = $load->stop;

# A request that was under way in the killed worker is lost with it: one a client and kill at the most.
cmp_ok $report->{failures}, '<=', $clients * $kills, "$kills kills: at most those under way failed ($report->{failures})";
is scalar(grep { $_->[1] !~ /^no answer: (?:closed|body ends|read)/ } @{$report->{failed}}), 0,
    'each of them because its connection ended' or diag explain $report->{failed};
is $report->{torn}, 0, 'none was torn';
is_deeply [keys %{$report->{statuses}}], [200], 'every answer was a 200: no worker ever missed a card';
cmp_ok $report->{requests}, '>', 100, "$report->{requests} requests";

my $settled = eval {
    wait_for(sub { Gatehouse::Process::descriptor_count($t->sidecar_pid) <= $descriptors }, 10, 'end of dead connections');
};
ok $settled, "the sidecar's descriptors: $descriptors, then "
    . Gatehouse::Process::descriptor_count($t->sidecar_pid);
ok $t->{sidecar}->running, 'the sidecar runs';

$t->done;
