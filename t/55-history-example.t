#!/usr/bin/perl
# The folder conf/examples/history: nginx and the sidecar by its own files, every card of it, and what went through is in them.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::Example;
use Gatehouse::Upstream;
use JSON::PP qw(decode_json);
use Test::More;

my $t = Gatehouse->new(ports => 2, workers => 2);
plan skip_all => 'needs the whole product' if !$t->built(qw(module sidecar ctl));

my $app = Gatehouse::Upstream->start($t->port(1));
my $example = Gatehouse::Example->new($t, 'history', {8080 => $t->port, 8000 => $t->port(1)});
$example->write($_) for qw(gatehouse.json nginx.conf);
is +($t->run_sidecar('-t'))[0], 0, 'its configuration is in order';
$t->start_sidecar;
my ($valid, $said) = $t->nginx_test;
is $valid, 0, 'nginx -t' or diag $said;
$t->start_nginx;
$t->wait_in_step;

is $t->get('/api/orders')->{status}, 200, 'the application is behind it' for 1 .. 5;
is $t->get('/about')->{status}, 200, 'with its pages' for 1 .. 2;

my @cards = read_file($example->source('README.md')) =~ m{^\| `(/api/history/[^`]+)` \|}mg;
is scalar @cards, 7, 'seven cards are promised';
is_deeply [sort @cards], [sort map { $_->{path} } @{$t->ctl_json('card', 'list')->{cards}}], 'the sidecar has these and no others';
is $t->wait_for_answer($_, 200, 30)->{status}, 200, $_ for @cards;
my $hour = decode_json($t->wait_for_answer('/api/history/traffic/hour', sub ($r) { $r->{status} == 200 && $r->{body} =~ /T/ }, 30)->{body});
ok exists $hour->{p99} && @{$hour->{time}} == @{$hour->{p99}}, 'columns for a chart' or diag explain $hour;
ok -s $t->dir('run/state.db'), 'kept where the example says';

# Cards have finished steps alone; the database has the one that is not over, too.
sub counted ($endpoint) {
    return ($t->run_program(['sqlite3', '-readonly', '-cmd', '.timeout 5000', $t->dir('run/state.db'),
        "select sum(requests) from traffic_steps where step_s = 10 and endpoint = '$endpoint'"]))[1] + 0;
}
ok wait_for(sub { counted('api') == 5 && counted('pages') == 2 }, 30, 'steps of ten seconds'), 'each request once, by the names of the routes';
$t->done;
