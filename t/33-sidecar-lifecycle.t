#!/usr/bin/perl
# The sidecar's own life: HUP all or nothing, TERM, INT, QUIT, --once, and what it takes up again at its start.

use v5.36;
use lib 't/lib';
use Gatehouse;
use IO::Socket::UNIX;
use JSON::PP qw(decode_json);
use Socket qw(SOCK_DGRAM);
use Test::More;

my $t = Gatehouse->new;
plan skip_all => 'needs gatehoused and gatehousectl' if !$t->built('sidecar', 'ctl');

# Runs for hours if nobody interrupts it.
my $endless = 'select sum(a.range * b.range) s from range(10000000) a, range(10000000) b';
my %config = (
    engine => {threads => 1, workers => 2},
    sources => {d => {kind => 'csv', path => '%%DIR%%/d.csv'}},
    cards => {
        one => {path => '/one', sql => 'select n from d', max_age => '600s'},
        two => {path => '/two', sql => 'select n + 1 as m from d', max_age => '600s'},
    });
sub configure { $t->sidecar_config(\%config) }
sub card ($name) { return $t->ctl_json('card', 'show', $name) }
sub body ($name) { return ($t->ctl('card', 'export', $name))[1] =~ s/\s+//gr }
sub events ($event) {
    return grep { $_->{message} eq $event } map { eval { decode_json($_) } // () } split /\n/, $t->log_text('sidecar.log');
}

# --- --once ---
$t->write_file('d.csv', "n\n1\n");
configure();
my ($exit, $out, $err) = $t->run_sidecar('--once');
is $exit, 0, '--once: exit 0';
like $out, qr/^one: 1 rows, \d+ bytes, \d+ ms$/m, 'a line per card';
is sprintf('%04o', (stat $t->board_path)[2] & 07777), '0640', 'the board file is there, for owner and group';
$config{cards}{three} = {path => '/three', sql => 'select nothing_like_it from d'};
configure();
($exit, $out) = $t->run_sidecar('--once');
is $exit, 1, '--once with a card that fails: exit 1';
like $out, qr/^three: failed: .*nothing_like_it/m, 'and its reason';
like $out, qr/^two: unchanged, 1 rows/m, 'the others stand';
delete $config{cards}{three};
configure();

# --- what was last good is there at the start; the service manager is told ---
my $manager = IO::Socket::UNIX->new(Local => $t->dir('notify'), Type => SOCK_DGRAM) or die "notify: $!";
sub told { local $SIG{ALRM} = sub { die "nothing told\n" }; alarm 10; $manager->recv(my $text, 4096); alarm 0; return $text }
unlink $t->dir('d.csv');
{
    local @ENV{qw(NOTIFY_SOCKET WATCHDOG_USEC)} = ($t->dir('notify'), 200_000);
    $t->start_sidecar;
}
is_deeply [sort(told(), told())], ["READY=1\nSTATUS=serving 2 cards from 1 sources", 'WATCHDOG=1'], 'ready, and the watchdog is fed';
is told(), 'WATCHDOG=1', 'again and again';
$manager->close;
wait_for(sub { card('one')->{failure} && card('two')->{failure} }, 10, 'first failure of both');
is body('one'), '[{"n":1}]', 'data of the board file are served while the source is missing';
my $old = card('one')->{generation};
$t->write_file('d.csv', "n\n5\n");
wait_for(sub { body('one') eq '[{"n":5}]' && body('two') eq '[{"m":6}]' }, 10, 'recovery');
cmp_ok card('one')->{generation}, '>', $old, 'generations go on from there';

# --- HUP: all or nothing ---
sub hup ($verdict) {
    my $before = () = events($verdict);
    kill 'HUP', $t->sidecar_pid;
    wait_for(sub { (() = events($verdict)) > $before }, 10, $verdict);
    return;
}
my $one = card('one');
my $good_two = {%{$config{cards}{two}}};
$config{cards}{two}{sql} = 'select n + 2 as m from d';
$config{cards}{four} = {path => 'no-slash', sql => 'select n from d'};
configure();
hup('reload refused');
is body('two'), '[{"m":6}]', 'a bad file changes nothing, not even what is good in it';
is +($t->ctl(qw(card show four)))[0], 1, 'and adds nothing';
$config{cards}{four}{path} = '/four';
$config{link}{socket} = '%%DIR%%/other.sock';
configure();
hup('reload refused');
ok((grep { $_->{error} =~ /link\.socket differs.*restart/ } events('configuration error')), 'what cannot change while running is an error');
delete $config{link};
configure();
hup('reloaded');
wait_for(sub { body('two') eq '[{"m":7}]' && body('four') eq '[{"n":5}]' }, 10, 'the new definitions');
is card('one')->{generation}, $one->{generation}, 'an unchanged card keeps its snapshot';

# --- a card that comes to need a scope needs it at once, though its computation never ends ---
$config{cards}{one} = {%{$config{cards}{one}}, require => ['read'], path => '/uno', sql => $endless, timeout => '1h'};
configure();
$t->reload_sidecar;
my $moved = card('one');
cmp_ok $moved->{generation}, '>', $one->{generation}, 'what was computed before is published anew';
is body('one'), '[{"n":5}]', 'with its old data';
ok $moved->{computing}, 'while the new data are computed';
delete $config{cards}{two};
configure();
$t->reload_sidecar;
is +($t->ctl(qw(card show two)))[0], 1, 'a card that is gone is gone';

# --- TERM ends a running computation ---
my $from = now();
is $t->kill_sidecar('TERM'), 'exit 0', 'TERM: exit 0';
cmp_ok now() - $from, '<', 2 * ($ENV{GATEHOUSE_TIMEOUT_SCALE} // 1), 'within two seconds, though a computation was running';
ok -s $t->board_path, 'the board file is written';

# --- QUIT lets it end ---
$config{cards} = {slow => {path => '/slow', sql => 'select sum(hash(range) % 7)::bigint s from range(100000000)', timeout => '60s'}};
configure();
$t->start_sidecar;
wait_for(sub { card('slow')->{computing} }, 10, 'start of slow');
is $t->kill_sidecar('QUIT'), 'exit 0', 'QUIT: exit 0';
ok((grep { $_->{card} eq 'slow' } events('card published')), 'after the running computation has published');
$t->start_sidecar;
ok card('slow')->{generation}, 'what it published is in the board file';
is $t->kill_sidecar('INT'), 'exit 0', 'INT: exit 0';

# --- a damaged board file ---
open my $file, '+<', $t->board_path or die;
seek $file, 8192 + 100, 0;  # within the first snapshot
print {$file} 'x' x 64;
close $file;
$t->start_sidecar;
ok scalar events('board file refused'), 'a damaged board file is refused whole, with a line in the log';
wait_for(sub { card('slow')->{generation} }, 60, 'computed anew');
is +($t->run_sidecar('-t'))[0], 0, '-t of a good file: exit 0';
$t->sidecar_config({%config, link => {users => ['no-such-user-here']}});
($exit, $out, $err) = $t->run_sidecar('-t');
is $exit, 3, '-t of a file that names an unknown user: exit 3';
like $err, qr/gatehouse\.json: error: link\.users: there is no user "no-such-user-here"/, 'with the name';
$t->write_file('gatehouse.json', '{"nonsense": {}}');
is +($t->run_sidecar('-t'))[0], 3, '-t of a bad file: exit 3';
is +($t->run_sidecar('--once'))[0], 3, 'and so for every mode';
is +($t->run_sidecar('--no-such-option'))[0], 2, 'usage error: exit 2';
$t->done;
