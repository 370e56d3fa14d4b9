#!/usr/bin/perl
# The PostgreSQL of "state" keeps its tables locked, or is stopped dead (SIGSTOP): what needs it fails with the reason, and what does
# not goes on.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::Postgres;
use Gatehouse::Process;
use Test::More;

my $t = Gatehouse->new;
plan skip_all => 'needs gatehoused and gatehousectl' if !$t->built('sidecar', 'ctl');
plan skip_all => 'needs PostgreSQL' if !Gatehouse::Postgres->available;

my $pg = Gatehouse::Postgres->new($t);
$pg->start;
$t->sidecar_config({
    state => {url => $pg->url},
    sources => {simulations => {kind => 'dataset', runs => \1}, files => {kind => 'dataset'}},
    on_demand => {keep_errors => '1ms'},
    cards => {
        one => {path => '/one/{id}', params => {id => 'integer'}, run => 'id', ttl => '1ms', timeout => '2s',
            sql => 'select n from simulations_rows where run_id = $id'},
        total => {path => '/total', sql => 'select count(*) as n from simulations', refresh => '1s', timeout => '2s', shape => 'value'},
        files => {path => '/files', sql => 'select sum(n) as n from files', shape => 'value'},
    }});
$t->start_sidecar;

# Long enough for what waits as long as it may, on a slow machine too.
my @patiently = ('--timeout', 120);
my $uploaded = 0;
sub put_file () {
    my $file = $t->write_file('files.csv', "n\n" . ++$uploaded . "\n");
    return ($t->ctl(@patiently, 'dataset', 'put', 'files', $file))[0];
}
sub put_run () { return ($t->ctl(@patiently, 'dataset', 'put', 'simulations', $t->write_file('run.csv', "n\n7\n"), '--append'))[0] }
sub one ($id = 1) { return Gatehouse::Http->new(path => $t->api_path, timeout => 60)->get("/one/$id") }
sub failure () { return ($t->ctl_json('card', 'show', 'total')->{failure} // {})->{error} // '' }

wait_for(sub { put_run() == 0 }, 20, 'the state');
ok wait_for(sub { one()->{body} eq '[{"n":7}]' }, 20, 'the run'), 'a run';

sub only_its_own_fail ($where, $reason) {
    my @lists = map { $t->spawn(name => "list$_", log => "list$_.log", command => [$t->build . '/gatehousectl', '-s', $t->control_path, @patiently, 'dataset', 'list']) } 1 .. 2;
    is put_file(), 0, "$where: a dataset of files is taken";
    my $answer = one(1000 + $uploaded);  # which was not asked for before: it has no last answer
    cmp_ok $answer->{status}, '>=', 500, 'a card on demand over runs fails' or diag $answer->{body};
    ok wait_for(sub { failure() =~ $reason }, 60, 'the reason'), 'one that refreshes says why' or diag failure();
    ok put_run() != 0, 'a run is not taken';
    is $_->wait(60), 'exit 0', 'the datasets are listed' for @lists;
    is +($t->ctl(@patiently, 'card', 'refresh', 'files'))[0], 0, 'and all else goes on';
    return;
}
sub all_is_well ($where) {
    ok wait_for(sub { put_run() == 0 }, 60, 'a run'), "$where: runs are taken";
    is one()->{body}, '[{"n":7}]', 'and read';
    ok wait_for(sub { failure() eq '' }, 60, 'the card'), 'and the card is well';
    return;
}

my $lock = $pg->session('begin; lock table gatehouse.datasets, gatehouse.runs in access exclusive mode;');
wait_for(sub { $pg->sql(q(select count(*) from pg_locks where mode = 'AccessExclusiveLock' and granted and relation = 'gatehouse.runs'::regclass)) eq '1' }, 20, 'the lock');
only_its_own_fail('locked', qr/source "simulations": PostgreSQL of "state": .*lock timeout/);
close $lock;
all_is_well('without the lock');

my @server = ($pg->{process}->pid, Gatehouse::Process::children($pg->{process}->pid));
kill 'STOP', @server;
only_its_own_fail('stopped dead', qr/source "simulations": .*"state"/);
kill 'CONT', @server;
all_is_well('when it goes on');
$t->expect_in_logs(qr/card failed.*total/, qr/dataset upload refused/, qr/"state"/);
$t->done;
