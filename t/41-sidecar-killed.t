#!/usr/bin/perl
# The sidecar is killed -9 again and again while it computes and publishes: no request fails, none is torn.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Test::More;

my $kills = $ENV{GATEHOUSE_LONG} ? 200 : 20;
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
$t->wait_for_answer('/api/rows');
$t->wait_for_answer('/api/count');

my $load = $t->load(paths => ['/api/count', '/api/rows', '/api/count'], clients => 2);
my $writer = $t->keep_writing($rows, 0.01);

my @moments;
for my $kill (1 .. $kills) {
    my $now = Gatehouse::Scene::generation_of($t->get('/api/count'));
    # It publishes: another moment of its next computation is hit each time.
    $t->wait_for_generation($now + 1, '/api/count');
    my $until = now() + rand 0.15;
    wait_for(sub { now() >= $until }, 1, 'moment');
    $t->kill_sidecar('KILL');
    push @moments, $t->log_text('sidecar.log') =~ tr/\n//;
    unlike $t->get('/api/rows')->{status}, qr/^5/, "kill $kill: the card is still served" if $kill % 5 == 0;
    $t->start_sidecar;
}
my $last = Gatehouse::Scene::generation_of($t->get('/api/rows'));
my $next = $t->wait_for_generation($last + 1);
ok $next, 'after the last start it goes on';
$writer->stop;

my $report = $load->stop;
$t->load_ok($report, "$kills kills");
is_deeply [keys %{$report->{statuses}}], [200], 'every answer was a 200';
cmp_ok $report->{tags}, '>', 10, "of $report->{tags} generations and cards";
is scalar(() = $t->log_text('access.log') =~ / 200 /g) >= $report->{requests}, 1, 'and so says the log of nginx';

# What a kill left behind is none of the next one's business.
my @left = grep { !m{/board$} } glob $t->board_path . '*';
$t->kill_sidecar('TERM');
ok -s $t->board_path, 'there is a board file';
@left = grep { !m{/board$} } glob $t->board_path . '*';
is "@left", '', 'and no half of one beside it';

$t->done;
