#!/usr/bin/perl
# The audit log by syslog: to a local socket and over UDP, every line once and in order, a chain that verifies, a receiver that goes and comes back.
use v5.36;
use lib 't/lib';
use IO::Select;
use IO::Socket::INET;
use IO::Socket::UNIX;
use JSON::PP qw(decode_json);
use Socket qw(SOCK_DGRAM);
use Test::More;
use Gatehouse;
use Gatehouse::Audit qw(audit_config audit_key chain_flaw);

my %receiver = (
    'unix datagram' => sub ($t) {
        my $path = $t->dir('log.sock');
        return ("unix:$path", sub { unlink $path; return IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $path) // die "$path: $!" });
    },
    UDP => sub ($t) {
        my $port = $t->port(1);
        return ("udp:127.0.0.1:$port", sub { return IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1', LocalPort => $port) // die "$port: $!" });
    },
);
# <86>: authpriv (10) times 8, and informational (6).
my %form = (
    'unix datagram' => qr/^<86>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d gatehouse-audit\[(\d+)\]: (\{.*\})$/,
    UDP => qr/^<86>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \S+ gatehouse (\d+) audit - (\{.*\})$/,
);

for my $kind (sort keys %receiver) {
    subtest $kind => sub {
        my $t = Gatehouse->new(ports => 2, workers => 2);
        plan skip_all => 'needs the whole product' if !$t->built(qw(module sidecar ctl));
        my ($target, $listen) = $receiver{$kind}->($t);
        my $log = $listen->();
        my %audit = %{audit_config()};
        delete $audit{file};
        $t->sidecar_config({sources => {}, cards => {}, audit => {%audit, syslog => $target}});
        $t->start_sidecar;
        $t->nginx_conf('gate_audit on; server { listen 127.0.0.1:%%PORT%%; location / { gate_auth token; empty_gif; } }');
        $t->start_nginx;
        $t->wait_in_step;

        my @messages;
        my $read = sub ($until) {
            wait_for(sub {
                while ($log && IO::Select->new($log)->can_read(0)) {
                    $log->recv(my $message, 65536);
                    push @messages, $message;
                }
                return $until->();
            }, 20, "messages, after $#messages");
        };
        my $lines = sub { return map { $_ =~ $form{$kind} ? $2 : () } @messages };
        my $asked = sub { return [map { $_->{request_id} // () } map { decode_json($_) } $lines->()] };
        $t->wait_in_step;
        # Over UDP the machine drops what its buffer has no room for: read as fast as is asked.
        for my $ten (1 .. 20) {
            $t->get('/x') for 1 .. 10;
            $read->(sub { @{$asked->()} >= 10 * $ten });
        }
        unlike $t->log_text('sidecar.log'), qr/cannot be written/, 'without a word of complaint';
        is scalar(grep { $_ !~ $form{$kind} } @messages), 0, 'each message is a line in the form that its receiver knows' or diag $messages[0];
        is_deeply [map { $_ =~ $form{$kind} ? $1 : () } @messages], [($t->sidecar_pid) x @messages], 'from the sidecar';
        my %seen;
        ++$seen{$_} for @{$asked->()};
        is "@{[scalar keys %seen]} @{[scalar grep { $_ != 1 } values %seen]}", '200 0', 'every request once';
        is chain_flaw(audit_key($t), $lines->()), undef, 'their chain holds';
        $t->write_file('collected.log', join '', map { "$_\n" } $lines->());
        my @verify = ('audit', 'verify', $t->dir('collected.log'), '--key', $t->dir('audit.key'));
        my ($exit, $out, $err) = $t->ctl(@verify);
        is $exit, 0, 'gatehousectl finds nothing in what was collected' or diag "$out$err";
        my @changed = $lines->();
        $changed[100] =~ s/"status":401/"status":200/;
        $t->write_file('collected.log', join '', map { "$_\n" } @changed);
        ($exit, $out, $err) = $t->ctl(@verify);
        is $exit, 1, 'and a line that was changed';
        like "$out$err", qr/collected\.log:101: /, 'where it is';

        # Who sends to a socket that nobody holds is told so; over UDP that is the machine's own answer.
        undef $log;
        $t->get('/away') for 1 .. 50;
        wait_for(sub { $t->log_text('sidecar.log') =~ /audit.*syslog: |syslog: .*audit/ }, 20, 'the sidecar says that nobody listens');
        $log = $listen->();
        $t->get('/back') for 1 .. 20;
        $read->(sub { my $paths = () = join('', @messages) =~ /"request_id"/g; $paths >= ($kind eq 'UDP' ? 220 : 270) });
        is chain_flaw(audit_key($t), $lines->()), undef, 'nothing is lost where the socket is local: the chain goes on' if $kind ne 'UDP';
        is scalar(@{$asked->()}), 270, 'with every request' if $kind ne 'UDP';
        $t->finish;
    };
}
done_testing;
