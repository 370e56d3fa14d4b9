#!/usr/bin/perl
# Cards that read other cards: what they see, in which order they are computed, and what a failure does.

use v5.36;
use lib 't/lib';
use Gatehouse;
use JSON::PP qw(decode_json);
use Test::More;

my $t = Gatehouse->new;
plan skip_all => 'needs gatehoused and gatehousectl' if !$t->built('sidecar', 'ctl');

my %long = (max_age => '600s');
my %value = (%long, shape => 'value');
$t->write_file('n.csv', "n,s\n1,a\n2,b\n3,a\n");
$t->write_file('other.csv', "k\n1\n");
my %config = (
    sources => {map { $_ => {kind => 'csv', path => "%%DIR%%/$_.csv"} } qw(n other)},
    cards => {
        # A diamond, and a long way round it.
        base => {path => '/base', sql => 'select * from n', steps => [{downsample => {points => 1000, method => 'every_nth'}}], %long},
        west => {path => '/west', sql => 'select sum(n)::bigint as total from base', %long},
        east => {path => '/east', sql => 'select count(*) as rows from base', %long},
        further => {path => '/further', sql => 'select rows + 1 as rows from east', %long},
        top => {path => '/top', sql => q(select total || '/' || rows from west, further), %value},
        thinned => {path => '/thinned', sql => 'select count(*) from few', %value},
        few => {path => '/few', sql => 'select * from n', steps => [{downsample => {points => 2, method => 'every_nth'}}], %long},
        # A column of a card's name, and a WITH: neither reads that card.
        column => {path => '/column', sql => 'with top as (select 1 as west) select west from top', %value},
        listed => {path => '/listed', sql => 'select total from west', sources => ['west'], %value},
        hourly => {path => '/hourly', sql => 'select total from west', refresh => '1h', shape => 'value'},
        other => {path => '/other', sql => 'select k from other', %value},
        parity => {path => '/parity', sql => 'select (max(n) % 2)::int as odd from n', %long},
        odd => {path => '/odd', sql => 'select odd from parity', %value},
    });
$t->sidecar_config(\%config);
$t->start_sidecar;

sub card ($name) { return $t->ctl_json('card', 'show', $name) }
sub value ($name) { return ($t->ctl('card', 'export', $name))[1] =~ s/\s+//gr }
sub becomes ($name, $value, $what) {
    my $found = eval { wait_for(sub { value($name) eq $value }, 10, "$name = $value") };
    return ok($found, $what) || diag(value($name), ' ', $t->log_text('sidecar.log'));
}
sub lines ($event) { return grep { $_->{message} eq $event } map { eval { decode_json($_) } // () } split /\n/, $t->log_text('sidecar.log') }
sub published () { return map { $_->{card} } lines('card published') }

# --- what they see ---
becomes(top => '"6/4"', 'a card of cards of cards');
becomes(thinned => 2, 'it reads what is left after the other\'s steps');
becomes(listed => 6, 'a card may be listed among the sources');
becomes(column => 1, 'a column and a name of WITH are no cards');
is_deeply card('column')->{cards}, [], 'nor do they make it depend on any';
is_deeply card('top')->{cards}, [qw(further west)], 'card show: the cards it reads';
becomes(other => 1, 'a source of the same name is what the SQL means');
is_deeply [lines('card failed')], [], 'none was tried before the ones it reads';
my ($exit, $list) = $t->ctl('card', 'list');
like $list, qr{^top\b.* further west +/top$}m, 'card list: what it reads';
like $list, qr{^base\b.* n +/base$}m, 'sources, too';

# --- a wave: each once, in order ---
wait_for(sub { value('odd') eq '1' && value('hourly') eq '6' }, 10, 'the rest');
my %before = map { $_ => card($_)->{generation} } keys %{$config{cards}};
my $seen = published();
$t->write_file('n.csv', "n,s\n10,a\n20,b\n30,a\n41,c\n");
becomes(top => '"101/5"', 'a change at the bottom comes to the top');
wait_for(sub { value('thinned') eq '2' && card('few')->{generation} > $before{few} }, 10, 'few');
my %count;
my @wave = (published())[$seen .. scalar(published()) - 1];
$count{$_}++ for @wave;
is $count{$_}, 1, "one wave, one computation: $_" for qw(base west east further top);
my %at;
@at{@wave} = 0 .. $#wave;
cmp_ok $at{$_->[0]}, '<', $at{$_->[1]}, "$_->[0] before $_->[1]" for [qw(base west)], [qw(base east)], [qw(east further)], [qw(further top)], [qw(west top)];
is card('odd')->{generation}, $before{odd}, 'an inner card whose result stays as it was changes nothing above';
is value('hourly'), 6, 'refresh at an interval waits for its time';
is card('hourly')->{generation}, $before{hourly}, 'and is not computed before';
wait_for(sub { card('odd')->{verified_at} gt card('parity')->{computed_at} }, 10, 'verification of odd');
ok 1, 'but it is looked at again';

# --- failure ---
my $good = card('top');
$t->write_file('n.csv', qq{n,s\n1,"a\n});
wait_for(sub { card('top')->{state} eq 'failed' }, 10, 'failure of top');
like card('top')->{failure}{error}, qr/^card "(?:west|further)": (?:card "east": )?card "base": source "n": .*n\.csv/, 'the reason names the cards on the way, the source and the file';
is value('top'), '"101/5"', 'the last good data stay';
is card('top')->{generation}, $good->{generation}, 'under their generation';
is card('other')->{state}, 'fresh', 'a card beside it does not suffer';
$t->write_file('n.csv', "n,s\n10,a\n20,b\n30,a\n41,c\n");
wait_for(sub { card('top')->{state} eq 'fresh' }, 10, 'recovery of top');
is value('top'), '"101/5"', 'it recovers with the one it reads';
is card('top')->{generation}, $good->{generation}, 'the same data are the same generation';

# --- by hand ---
my $computed = card('base')->{verified_at};
($exit, my $out) = $t->ctl('card', 'refresh', 'top', '--wait');
is $exit, 0, 'card refresh --wait';
like $out, qr/^top: unchanged, generation \d+, 1 rows/, 'says what came of it';
cmp_ok card($_)->{verified_at}, 'gt', $computed, "it computes what it reads, too: $_" for qw(base west east further);
($exit, $out) = $t->ctl('card', 'refresh', 'east', '--dependents');
is $exit, 0, 'card refresh --dependents';
is_deeply [$out =~ /^(\w+):/mg], [qw(east further top)], 'the card, then those that read it, in their order';
($exit, $out) = $t->ctl('card', 'refresh', '--all');
is $exit, 0, 'card refresh --all';
my @all = $out =~ /^(\w+):/mg;
is_deeply [sort @all], [sort keys %{$config{cards}}], 'every card';
@at{@all} = 0 .. $#all;
ok $at{base} < $at{west} && $at{west} < $at{top} && $at{few} < $at{thinned}, 'each after those it reads';
unlink $t->dir('n.csv');
($exit, $out, my $err) = $t->ctl('card', 'refresh', 'top', '--wait');
is $exit, 1, 'a failure is the exit status';
like $err, qr/card "(?:west|further)": .*no such file/, 'with its reason';
($exit, $out, $err) = $t->ctl('card', 'refresh', '--all');
is $exit, 1, '--all: so is one among many';
like $out, qr/^other: /m, 'and goes on with the others';
is +($t->ctl('card', 'refresh'))[0], 2, 'neither a name nor --all: usage';
is +($t->ctl('card', 'refresh', 'nobody', '--dependents'))[0], 1, 'no such card';

# --- after a restart no table is in memory ---
$t->write_file('n.csv', "n,s\n10,a\n20,b\n30,a\n41,c\n");
wait_for(sub { card('top')->{state} eq 'fresh' }, 10, 'recovery of top');
my $generation = card('top')->{generation};
$t->stop_sidecar;
$t->start_sidecar;
$t->write_file('n.csv', "n,s\n1,a\n");
becomes(top => '"1/2"', 'after a restart');
cmp_ok card('top')->{generation}, '>', $generation, 'a change is another generation';

# --- reload: another inner definition ---
$config{cards}{west}{sql} = 'select sum(n)::bigint * 100 as total from base';
$t->sidecar_config(\%config);
$t->reload_sidecar;
becomes(top => '"100/2"', 'a card whose inner card is defined anew');

# --- --once ---
$t->stop_sidecar;
unlink $t->board_path;
($exit, $out) = $t->run_sidecar('--once');
is $exit, 0, '--once';
my @once = $out =~ /^(\w+):/mg;
@at{@once} = 0 .. $#once;
ok $at{base} < $at{west} && $at{west} < $at{top}, 'in the same order';
$t->done;
