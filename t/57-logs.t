#!/usr/bin/perl
# The sidecar's log as JSON lines in a file: its members, rotation by size and by USR1, a file that cannot be written.

use v5.36;
use lib 't/lib';
use Gatehouse;
use JSON::PP qw(decode_json);
use Test::More;

my $t = Gatehouse->new;
plan skip_all => 'needs gatehoused and gatehousectl' if !$t->built('sidecar', 'ctl');

mkdir $t->dir("own");
my $file = $t->dir('own/gatehoused.log');
my %config = (
    log => {level => 'info', file => '%%DIR%%/own/gatehoused.log'},
    sources => {d => {kind => 'csv', path => '%%DIR%%/d.csv'}},
    cards => {one => {path => '/one', sql => 'select n from d', max_age => '600s'}},
    checks => {flag => {kind => 'file', path => '%%DIR%%/flag', severity => 'info'}});
sub text ($path = $file) { return Gatehouse::read_file($path) // '' }
sub entries ($path = $file) { return map { eval { decode_json($_) } // BAIL_OUT("no JSON: $_") } split /\n/, text($path) }
sub said ($message, $path = $file) { return grep { $_->{message} eq $message } entries($path) }
sub configure (%log) {
    my %all = (%{$config{log}}, %log);
    delete $all{file} if $all{file} eq '';
    return $t->sidecar_config({%config, log => \%all});
}
sub again () { $t->reload_sidecar; return }

# --- members ---
$t->write_file('d.csv', "n\n1\n");
configure();
$t->start_sidecar;
wait_for(sub { said('card published') }, 10, 'a card');
my ($card) = said('card published');
like text(), qr/^\{"timestamp":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","level":"\w+","name":"[\w.]+","message":"/m,
    'RFC 3339 in UTC with milliseconds, level, name and message, in this order';
is "$card->{level} $card->{name} $card->{card}", 'info gatehouse.cards one', 'the area that says it, and fields';
is_deeply [grep { !/^gatehouse(?:\.[a-z_]+)?$/ } map { $_->{name} } entries()], [], 'every name is one of an area';
is_deeply [grep { my $line = $_; grep { !defined $line->{$_} } qw(timestamp level name message) } entries()], [], 'every line has them';
is sprintf('%04o', (stat $file)[2] & 07777), '0640', 'mode of the file';
is $t->log_text('sidecar.log'), '', 'nothing is on standard error';

# --- USR1, as logrotate does it ---
rename $file, "$file.old" or die;
again();
like text("$file.old"), qr/"reloaded"/, 'a moved file is written on';
ok !-e $file, 'until it is told';
kill 'USR1', $t->sidecar_pid;
wait_for(sub { again(); -e $file && said('reloaded') }, 10, 'a new file');
pass 'USR1: it goes on in a new file';
unlink $file;
wait_for(sub { again(); -e $file }, 10, 'the file');
pass 'a file that is removed is made anew';
open my $handle, '>', $file or die;
close $handle;
again();
like text(), qr/^\{"timestamp"/, 'a file that is cut short is written from its beginning';

# --- by size ---
configure(rotate_size => '1k', keep => 2);
again();
again() for 1 .. 12;
my @files = glob("$file*");
is_deeply [grep { !/old$/ } @files], [$file, "$file.1", "$file.2"], 'rotation keeps as many as it is told to';
cmp_ok -s "$file.$_", '<=', 1024, "FILE.$_ is no larger than it may be" for 1 .. 2;
my @all = map { entries($_) } "$file.2", "$file.1", $file;
is_deeply [map { $_->{timestamp} } @all], [sort map { $_->{timestamp} } @all], 'lines are whole and in order';

# --- what cannot be written ---
configure();
again();
rename $t->dir("own"), $t->dir('gone') or die;
unlink glob($t->dir('gone/*'));
wait_for(sub { again(); $t->log_text('sidecar.log') =~ /"log file not written"/ }, 10, 'the complaint');
like $t->log_text('sidecar.log'), qr/"log file not written".*gatehoused\.log.*No such file/, 'a directory that is gone: standard error says so';
again() for 1 .. 3;
like $t->log_text('sidecar.log'), qr/"message":"reloaded"/, 'and takes the lines';
is scalar(() = $t->log_text('sidecar.log') =~ /"log file not written"/g), 1, 'it is said once';
mkdir $t->dir("own");
wait_for(sub { again(); -e $file }, 10, 'the file');
like text(), qr/^\{[^\n]*"log file written again"/, 'with the directory the file is back';
SKIP: {
    skip 'needs /dev/full', 2 if !-c '/dev/full';
    my $before = length $t->log_text('sidecar.log');
    configure(file => '/dev/full');
    again();
    my $since = substr $t->log_text('sidecar.log'), $before;
    like $since, qr{"log file not written".*/dev/full.*not a regular file}, 'what is no file is not taken for one';
    like $since, qr/"reloaded"/, 'and nothing ends for it';
}

# --- levels: of a check that is down a warning tells, of one that is up and of a reload an info ---
sub flag ($is) {
    $is eq 'up' ? $t->write_file('flag', '') : unlink $t->dir('flag');
    return wait_for(sub { decode_json(($t->ctl(qw(-o json health flag --now)))[1])->{checks}[0]{state} eq $is }, 20, "flag $is");
}
# Messages that come with both changes of the check and a reload, by level.
sub levels_of (@changes) {
    my $before = entries();
    $_->() for @changes;
    my %seen = map { ($_->{level} => 1) } (entries())[$before .. entries() - 1];
    return join ' ', sort keys %seen;
}
my @all_levels = (sub { flag('down') }, sub { flag('up') }, \&again);
flag('up');
configure();
again();
is levels_of(@all_levels), 'info warning', 'level info: both';
configure(level => 'warning');
again();
is levels_of(@all_levels), 'warning', 'level warning: the info is left out';
configure(level => 'error');
again();
is levels_of(@all_levels), '', 'level error: so is the warning';
unlink $t->dir('d.csv') or die $!;
$t->ctl(qw(card refresh one));
ok said('card failed'), 'and an error is not';
$t->write_file('d.csv', "n\n1\n");
configure();
is $t->kill_sidecar('TERM'), 'exit 0', 'an end';
$t->start_sidecar('-l', 'warn');
is levels_of(@all_levels), 'warning', '-l warn: as the level of the configuration, before which it goes';
is $t->kill_sidecar('TERM'), 'exit 0', 'an end';
$t->start_sidecar;

# --- text, and back to standard error ---
configure(format => 'text', level => 'warning');
again();
configure(format => 'text', file => '');
again();
my ($last) = reverse split /\n/, $t->log_text('sidecar.log');
like $last, qr/^\d{4}-\d\d-\d\dT\S+Z info gatehouse\.app reloaded added=0 /, 'text for people';
is $t->kill_sidecar('TERM'), 'exit 0', 'it ends as ever';
$t->done;
