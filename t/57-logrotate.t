#!/usr/bin/perl
# conf/logrotate/gatehouse run by logrotate itself: a running sidecar goes on in new files, its log and the audit log.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::Audit qw(audit_config audit_lines decisions);
use JSON::PP qw(decode_json);
use Test::More;

my $t = Gatehouse->new;
plan skip_all => 'needs the whole product' if !$t->built(qw(module sidecar ctl));
my ($logrotate) = grep { -x } map { "$_/logrotate" } split(/:/, $ENV{PATH}), '/usr/sbin', '/sbin';
plan skip_all => 'needs logrotate' if !$logrotate;

# As systemd makes /var/log/gatehouse.
mkdir $t->dir('own'), 0750 or die "own: $!";
my ($log, $audit) = map { $t->dir("own/$_") } qw(gatehoused.log audit.log);
$t->sidecar_config({
    sources => {}, cards => {},
    log => {file => $log, rotate_size => '0'},
    audit => {%{audit_config()}, file => $audit, rotate_size => '0'}});
$t->start_sidecar;
$t->nginx_conf('server { listen 127.0.0.1:%%PORT%%; location / { gate_auth token; gate_audit denied; empty_gif; } }');
$t->start_nginx;
$t->wait_in_step;

# --- the shipped file, but for the directory, the user and the unit ---
my $text = read_file(Gatehouse::root() . '/conf/logrotate/gatehouse');
my $user = getpwuid $>;
my $group = getgrgid((split ' ', $()[0]);
my $pid = $t->sidecar_pid;
is $text =~ s{^/var/log/gatehouse/}{$t->{dir}/own/}gm, 1, 'it is about the directory of the unit';
is $text =~ s{create 0640 \Kgatehouse adm$}{$user $group}gm, 1, 'makes files for its user';
is $text =~ s{systemctl kill --kill-who=main --signal=USR1 gatehoused\.service}{kill -USR1 $pid}gm, 1, 'and tells its process';
$t->write_file('rotate.conf', $text);
chmod 0644, $t->dir('rotate.conf');

sub rotate () {
    my ($exit, $out, $err) = $t->run_program([$logrotate, '-v', '-f', '-s', $t->dir('rotate.state'), $t->dir('rotate.conf')]);
    is $exit, 0, 'logrotate' or diag "$out$err";
    return;
}
sub told ($path) { return map { decode_json($_) } split /\n/, read_file($path) // '' }
sub reloads ($path) { return scalar grep { $_->{message} eq 'reloaded' } told($path) }
sub refused ($path) { return scalar grep { !defined $_->{event} } told($path) }
sub refuse () { return $t->get('/')->{status} }

$t->reload_sidecar;
is refuse(), 401, 'a request is refused';
wait_for(sub { refused($audit) == 1 }, 20, 'the refusal in the audit log');
is reloads($log), 1, 'before: both are written';
my @inode = map { (stat)[1] } $log, $audit;
rotate();
is((stat "$log.1")[1], $inode[0], 'the log is moved');
is((stat "$audit.1")[1], $inode[1], 'so is the audit log');

$t->reload_sidecar;
wait_for(sub { reloads($log) || do { $t->reload_sidecar; 0 } }, 20, 'lines in the new log');
cmp_ok reloads("$log.1"), '<=', 3, 'what was moved grows no more';
isnt((stat $log)[1], $inode[0], 'it is a new file');
is sprintf('%04o', (stat $log)[2] & 07777), '0640', 'of the mode that logrotate gave it';
wait_for(sub { refuse(); refused($audit) }, 20, 'refusals in the new audit log');
is refused("$audit.1"), 1, 'of those before only one is in the old one';

# --- again: the older ones move on, and the chain of the audit log goes through all of them ---
rotate();
wait_for(sub { $t->reload_sidecar; reloads($log) }, 20, 'lines in the third log');
wait_for(sub { refuse(); refused($audit) }, 20, 'refusals in the third audit log');
ok -s $_, "$_ is there" for map { ("$log.$_", "$audit.$_") } 1, 2;
my ($exit, $out, $err) = $t->ctl('audit', 'verify', "$audit.2", "$audit.1", $audit);
is $exit, 0, 'the audit log is whole over three files' or diag "$out$err";
is +($t->ctl('audit', 'verify', "$audit.2", $audit))[0], 1, 'and not without the one between';
$t->done;
