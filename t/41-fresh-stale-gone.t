#!/usr/bin/perl
# Without the sidecar a card is fresh, then stale, then gone, each on time, and fresh again with it.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Test::More;
use Time::HiRes qw(time);

use constant { MAX_AGE => 2, STALE => 3 };

my $t = Gatehouse->new(workers => 2);
plan skip_all => 'needs the module and the sidecar' if !$t->built('module', 'sidecar');

$t->write_rows(1);
$t->scene_config(max_age => MAX_AGE . 's', stale => STALE . 's');
$t->start_sidecar;
$t->scene_nginx;
$t->start_nginx;
my $first = $t->wait_for_generation(1);
is $first->{header}{'cache-status'} =~ /ttl=(\d+)$/ && $1 <= MAX_AGE, 1, 'it begins fresh'
    or diag $first->{header}{'cache-status'};

# Renewed as long as the sidecar lives: watched for longer than max_age.
my $end = time + MAX_AGE + 1;
my $stale_while_alive = 0;
wait_for(sub {
    my $ttl = Gatehouse::Scene::ttl_of($t->get('/api/rows'));
    ++$stale_while_alive if !defined $ttl || $ttl < 0;
    return time > $end;
}, 10, 'time');
is $stale_while_alive, 0, 'always fresh while the sidecar stands by it';

my $last = $t->get('/api/rows');
my $verified = time - ($last->{header}{age} // 0);
$t->kill_sidecar('KILL');

# Asks again and again, and notes when each state began.
my (%began, %seen, $problem);
wait_for(sub {
    my $asked = time;
    my $response = $t->get('/api/rows');
    my $ttl = Gatehouse::Scene::ttl_of($response);
    my $state = $response->{status} == 503 ? 'gone' : $response->{status} != 200 ? 'lost'
        : $ttl >= 0 ? 'fresh' : 'stale';
    $began{$state} //= $asked;
    push @{$seen{$state}}, $response;
    $problem = $response if $state eq 'gone';
    return $problem;
}, 20, 'end of the card');

ok !$seen{lost}, 'nothing but 200 and 503 on the way';
is join(' ', sort { $began{$a} <=> $began{$b} } keys %began), 'fresh stale gone', 'the states in order';
for my $state (['stale', MAX_AGE], ['gone', MAX_AGE + STALE]) {
    my ($name, $after) = @$state;
    my $took = $began{$name} - $verified;
    cmp_ok abs($took - $after), '<=', 1, sprintf('%s after %d s: %.2f s', $name, $after, $took);
}
is scalar(grep { $_->{header}{etag} ne $first->{header}{etag} } @{$seen{stale}}), 0, 'stale bytes are the same bytes';
ok defined $seen{stale}[-1]{header}{age} && $seen{stale}[-1]{header}{age} >= MAX_AGE, 'and tell their age';
is $seen{stale}[-1]{header}{'cache-status'}, 'gatehouse; hit; ttl=-' . STALE, 'and the end of their time';

is $problem->{header}{'content-type'}, 'application/problem+json', 'gone: a problem';
like $problem->{header}{'retry-after'}, qr/^[1-9]\d*$/, 'gone: when to try again';
like $problem->{header}{'cache-control'} // '', qr/no-store/, 'gone: not to be stored';
ok Gatehouse::Load::is_json($problem->{body}), 'gone: JSON';

$t->start_sidecar;
my $again = $t->wait_for_answer('/api/rows');
cmp_ok Gatehouse::Scene::ttl_of($again), '>=', 0, 'fresh again once the sidecar is back';
is $again->{header}{etag}, $first->{header}{etag}, 'with the same bytes and tag';

$t->done;
