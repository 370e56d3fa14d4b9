#!/usr/bin/perl
# The example's cards, served by nginx, against pandas on the same files.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Gatehouse;

my $t = Gatehouse->new;
plan skip_all => 'needs the module and the sidecar' if !$t->built(qw(module sidecar));

my $example = Gatehouse::root() . '/conf/examples/multi-civilization';
my %path = (
    statistics => '/api/data/multi_civilization_statistics.csv',
    events => '/api/data/multi_civilization_events.csv',
    stability => '/api/data/multi_civilization_stability.csv',
    downsampled => '/api/data/downsampled',
    aggregations => '/api/metrics/aggregations',
);

# Debian has pandas for its own python3, whatever else is first in PATH.
# The example's own cards, word for word; only sockets and the directory of the data are the test's.
my ($exit, $dump, $error) = $t->run_program(["$t->{build}/gatehoused", '-T', '-c', "$example/gatehouse.json"]);
is($exit, 0, 'the example is a valid configuration') or diag $error;
my $config = JSON::PP::decode_json($dump);

# 1,234 rows: not a multiple of the 500 points that `downsampled` may have.
for my $rows (1_000, 1_234, 10_000) {
    my $data = $t->dir("data-$rows");
    system($^X, "$example/generate.pl", '--rows', $rows, $data) == 0 or die "generate.pl: $?";
    $t->sidecar_config({
        sources => {map { $_ => {kind => 'csv', path => "$data/multi_civilization_$_.csv"} } qw(statistics events stability)},
        cards => {map { $_ => {%{$config->{cards}{$_}}{qw(path sql shape)}, steps($_)} } keys %path},
    });
    $t->start_sidecar;
    $t->nginx_conf('server { listen 127.0.0.1:%%PORT%%; gate_board on; }');
    $t->start_nginx;
    for my $card (sort keys %path) {
        my $response = $t->wait_for_answer($path{$card});
        my $body = $t->write_file("$card.json", $response->{body});
        my ($status, $out, $err) = $t->run_program(
            ['/usr/bin/python3', "$FindBin::Bin/lib/compare_with_pandas.py", $data, $card, $body]);
        is($status, 0, "$rows rows: $card is what pandas gives") or diag $out, $err;
    }
    $t->stop_nginx;
    $t->stop_sidecar;
    unlink $t->board_path;
}
$t->done;

sub steps ($card) { return $config->{cards}{$card}{steps} ? (steps => $config->{cards}{$card}{steps}) : () }
