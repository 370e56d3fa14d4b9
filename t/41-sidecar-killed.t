#!/usr/bin/perl
# The sidecar is killed -9 again and again while it computes and publishes: no request fails, none is torn.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Test::More;

my $kills = $ENV{GATEHOUSE_KILLS} // 20;
my $t = Gatehouse->new(workers => 2);
plan skip_all => 'needs the module and the sidecar' if !$t->built('module', 'sidecar');

# A card of a megabyte and a small one; both change all the time, so that a kill hits a read, a query, a
# compression, a publish or the write of the board file.
my $rows = 15_000;
$t->write_rows(0, $rows);
$t->scene_config(max_age => '60s', stale => '60s');
$t->scene_nginx;
$t->start_sidecar;
$t->start_nginx;
$t->wait_in_step;

my $load = $t->load(paths => ['/api/count', '/api/rows', '/api/count'], clients => 2);

# Two generations of three are published in time, so that the kill hits any moment: the start, the wait for
# the file, its reading, the query, the compression, the publish, the write of the board file.
for my $kill (1 .. $kills) {
    $t->write_rows($kill, $rows);
    $t->wait_for_generation($kill, '/api/count', 20) if $kill % 3;
    my $until = now() + rand 0.6;
    wait_for(sub { now() >= $until }, 1, 'moment');
    is $t->kill_sidecar('KILL'), 'signal 9', "kill $kill";
    $t->start_sidecar;
}
$t->write_rows($kills + 1, $rows);
ok $t->wait_for_generation($kills + 1, '/api/rows', 20), 'after the last start it goes on';

my $report = $load->stop;
$t->load_ok($report, "$kills kills");
is_deeply [keys %{$report->{statuses}}], [200], 'every answer was a 200';
cmp_ok $report->{tags}, '>', $kills / 2, "of $report->{tags} generations and cards";
is scalar(() = $t->log_text('access.log') =~ / 200 /g) >= $report->{requests}, 1, 'and so says the log of nginx';

# What a kill left behind is none of the next one's business.
$t->kill_sidecar('TERM');
ok -s $t->board_path, 'there is a board file';
my @left = grep { !m{/board$} && (!m{/board\.table\.} || m{\.new$}) } glob $t->board_path . '*';
is "@left", '', 'and no half of one beside it';

$t->done;
