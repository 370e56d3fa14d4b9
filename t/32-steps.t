#!/usr/bin/perl
# Steps of a thousand cards, computed by gatehoused --once and served by nginx, against the papers' definitions, pandas,
# scipy and scikit-learn.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP ();
use Test::More;
use Gatehouse;

my $t = Gatehouse->new;
plan skip_all => 'needs the module and the sidecar' if !$t->built(qw(module sidecar));

# Debian has these libraries for its own python3, whatever else is first in PATH.
my @python = ('env', "PYTHONPATH=$FindBin::Bin/lib", 'PYTHONDONTWRITEBYTECODE=1', '/usr/bin/python3');
my ($status, $cases, $error) = $t->run_program([@python, "$FindBin::Bin/lib/steps_cases.py", $t->dir]);
is($status, 0, 'the cases are written') or BAIL_OUT($error);
my $configuration = JSON::PP::decode_json($cases);
my @cards = sort keys %{$configuration->{cards}};
cmp_ok(scalar @cards, '>', 900, 'hundreds of cases');

$t->sidecar_config($configuration);
my ($exit, $said, $log) = $t->run_sidecar('--once');
my @failed = $said =~ /^(\S+): failed: /mg;
is($exit, 1, 'gatehoused --once says that some cards have no data') or diag $log;
ok(!(grep { !/^s_(?:empty|single|nothing|gappy\d+_\w+)-pca/ } @failed),
   'and those are principal components of fewer than two rows') or diag "@failed";
like($said, qr/step "pca": needs at least 2 rows/, 'which is said');

$t->nginx_conf('gate_board_file %%BOARD%%; server { listen 127.0.0.1:%%PORT%%; gate_board on; }');
$t->start_nginx;
for my $card (@cards) {
    my $response = $t->get("/steps/$card");
    $t->write_file("$card.json", $response->{body}) if $response->{status} == 200;
}
my ($wrong, $found, $trouble) = $t->run_program(
    [@python, "$FindBin::Bin/lib/steps_check.py", $t->dir, $t->write_file('cases.json', $cases)]);
is($wrong, 0, 'each card is what its step is defined to be') or diag $found, $trouble;
like($found, qr/^(?:9|1\d)\d\d cards/, 'nearly all were looked at');
$t->done;
