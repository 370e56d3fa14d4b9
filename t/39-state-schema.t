#!/usr/bin/perl
# gatehoused --schema and --migrate: the state's tables up and down, from every version to every other, in SQLite and in PostgreSQL.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::Postgres;
use Test::More;

my $t = Gatehouse->new;
plan skip_all => 'needs gatehoused and gatehousectl' if !$t->built('sidecar', 'ctl');
my $wanted = 3;
my @told = (read_file(Gatehouse::root() . '/docs/datasets.md') // '') =~ /^\| (\d+) \| .+ \|$/mg;
is_deeply [grep { $_ < 100 } @told], [0 .. $wanted], 'the document says what each version has';

sub config (%state) {
    return $t->sidecar_config({state => \%state, sources => {runs => {kind => 'dataset', runs => \1}}, cards => {}});
}
sub gatehoused (@arguments) {
    my ($exit, $out, $err) = $t->run_sidecar(@arguments);
    return "$exit: " . join '', $out, $err =~ s/^\{.*\}\n//mgr;
}

# --- nothing to migrate ---
$t->sidecar_config({cards => {}});
like gatehoused('--schema'), qr/^1: .*no state is kept: neither "path" nor "url"/, 'without state there is no schema';
like gatehoused('--migrate'), qr/^1: .*no state is kept/, 'nor anything to migrate';

sub walk ($name) {
    is gatehoused('--schema'), "1: $name: version 0, wanted $wanted\n", "$name: nothing is there yet";
    is gatehoused('--schema'), "1: $name: version 0, wanted $wanted\n", 'and looking makes nothing';
    my $at = 0;
    for my $from (0 .. $wanted) {
        for my $to (0 .. $wanted) {
            for my $next ($from, $to) {
                is gatehoused('--migrate', $next), "0: $name: version $at -> $next\n", "$name: from $at to $next";
                $at = $next;
            }
            is gatehoused('--schema'), ($to == $wanted ? 0 : 1) . ": $name: version $to, wanted $wanted\n", "is at $to";
        }
    }
    is gatehoused('--migrate'), "0: $name: version $at -> $wanted\n", 'without a version: to the one that is wanted';
    like gatehoused('--migrate', $_), qr/^2: /, "--migrate $_ is no version" for -1, $wanted + 1, 'x';
    return;
}

# --- SQLite ---
config(path => '%%DIR%%/state.db');
walk('state.path');

$t->start_sidecar;
my ($exit, undef, $err) = $t->ctl(qw(token create kept --user ada --scope read));
is $exit, 0, 'a token' or diag $err;
my $csv = $t->write_file('run.csv', "n\n1\n");
ok wait_for(sub { ($t->ctl(qw(dataset put runs), $csv, '--append', '--run-name', 'one'))[0] == 0 }, 20, 'a run'), 'and a run';
is gatehoused('--schema'), "0: state.path: version $wanted, wanted $wanted\n", 'a running gatehoused has the version it wants';
like gatehoused('--migrate', 1), qr/^1: .*another gatehoused uses it/, 'and nobody takes its tables away';
$t->stop_sidecar;
is gatehoused('--migrate', 1), "0: state.path: version $wanted -> 1\n", 'down';
is gatehoused('--migrate'), "0: state.path: version 1 -> $wanted\n", 'and up again';
sub count_of ($table) { return ($t->run_program(['sqlite3', $t->dir('state.db'), "select count(*) from $table"]))[1] =~ s/\s+//gr }
is count_of('tokens'), 1, 'what the older version has a place for is kept';
is count_of('runs'), 0, 'the rest is gone';

is +($t->run_program(['sqlite3', $t->dir('state.db'), 'pragma user_version = 99']))[0], 0, 'a newer gatehoused was here';
is gatehoused('--schema'), "1: state.path: version 99, wanted $wanted\n", 'which is told';
like gatehoused('--migrate', 1), qr/^1: .*was written by a newer gatehoused \(schema 99; this one knows $wanted\)/, 'and left alone';
is +($t->run_program(['sqlite3', $t->dir('foreign.db'), 'create table t(a)']))[0], 0, 'the database of another program';
config(path => '%%DIR%%/foreign.db');
like gatehoused($_), qr/^1: .*is the database of another program/, "$_ says so" for '--schema', '--migrate';

# --- PostgreSQL ---
SKIP: {
    skip 'PostgreSQL is not installed', 1 if !Gatehouse::Postgres->available;
    my $pg = Gatehouse::Postgres->new($t);
    $pg->start;
    config(url => $pg->url);
    is gatehoused('--schema'), "1: state.url: version 0, wanted $wanted\n", 'an empty database';
    is $pg->sql("select count(*) from pg_namespace where nspname = 'gatehouse'"), 0, 'in which looking makes no schema';
    walk('state.url');
    $pg->sql('update gatehouse.schema_version set value = 99');
    is gatehoused('--schema'), "1: state.url: version 99, wanted $wanted\n", 'a newer one is told';
    like gatehoused('--migrate'), qr/^1: .*state\.url: .*newer gatehoused \(schema 99/, 'and left alone';
    $pg->stop;
    my $gone = gatehoused('--schema');
    like $gone, qr/^1: .*state\.url: PostgreSQL of "state": /, 'a server that is away';
    unlike $gone, qr/user=app|postgresql:/, 'without its URL';
}
$t->done;
