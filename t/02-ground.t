#!/usr/bin/perl
# The ground of the tests itself: it sees the failures, torn bodies and log lines it is there to see.

use v5.36;
use lib 't/lib';
use Gatehouse;
use IO::Socket::INET;
use POSIX ();
use Test::More;

my $t = Gatehouse->new(ports => 2);

# A server that answers its n-th request with the n-th text, and then closes.
sub served (@answers) {
    my $listening = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 8) or die $!;
    my $pid = fork // die "fork: $!";
    if ($pid == 0) {
        for my $answer (@answers) {
            my $client = $listening->accept or last;
            my $request = '';
            while ($request !~ /\r\n\r\n/) {
                sysread $client, $request, 4096, length $request or last;
            }
            syswrite $client, $answer;
            close $client;
        }
        POSIX::_exit(0);
    }
    my $load = Gatehouse::Load->start(
        port => $listening->sockport, paths => ['/x'], clients => 1, keepalive => 0, requests => scalar @answers);
    my $report = $load->report;
    waitpid $pid, 0;
    return $report;
}

sub answer ($body, %field) {
    my %header = ('Content-Type' => 'application/json', ETag => '"1"', 'Content-Length' => length $body, %field);
    my $status = delete $header{status} // '200 OK';
    return join "\r\n", "HTTP/1.1 $status", (map { "$_: $header{$_}" } sort keys %header), '', $body;
}

my $sound = answer('[{"generation":1},{"generation":1}]');
is_deeply [@{served($sound, $sound)}{qw(requests failures torn tags)}], [2, 0, 0, 1], 'two sound answers';

my %wrong = (
    'a status of 503' => [0, qr/status 503/, answer('{}', status => '503 No')],
    'a miss' => [0, qr/status 404/, answer('{}', status => '404 Not Found')],
    'a body that is too short' => [0, qr/body ends after 2 of 20 bytes/, answer('[]', 'Content-Length' => 20)],
    'nothing at all' => [0, qr/closed before the status line/, ''],
    'half a header' => [0, qr/closed within the header/, "HTTP/1.1 200 OK\r\nETag: "],
    'another body under the same ETag' => [1, qr/two bodies/, answer('[{"generation":2}]')],
    'no ETag' => [1, qr/no ETag/, answer('[]', ETag => '') =~ s/ETag: \r\n//r],
    'no JSON' => [1, qr/no JSON/, answer('[{"a":1},', ETag => '"2"')],
    'rows of two generations' => [1, qr/generations 1, 2/, answer('[{"generation":1},{"generation":2}]', ETag => '"2"')],
);
for my $name (sort keys %wrong) {
    my ($torn, $reason, $answer) = @{$wrong{$name}};
    my $report = served($sound, $answer, $sound);
    is_deeply [@$report{qw(requests failures torn)}], [3, 1, $torn], "$name: one failure of three"
        or diag explain $report;
    is $report->{failed}[0][0], '1.1', "$name: by the number of its request";
    like $report->{failed}[0][1], $reason, "$name: with its reason";
}

# --- JSON ---
ok Gatehouse::Load::is_json($_), "JSON: $_"
    for '[]', '{}', '0', '"x"', ' {"a": [1.5e3, -0, "x\"\\u0041", null, true, {"b": {}}]} ';
ok !Gatehouse::Load::is_json($_), "no JSON: $_" for '', '[', '[1,]', '{"a"}', '[01]', "[\"\n\"]", '[1 2]', '{"a":1,}', '["\\x"]';

# --- log lines ---
my %line = (
    'no [alert]' => '2026/01/01 00:00:00 [alert] 7#7: worker process 8 exited on signal 11',
    'no [emerg]' => '2026/01/01 00:00:00 [emerg] 7#7: bind() failed',
    'no sanitizer line' => '==7==ERROR: AddressSanitizer: heap-use-after-free on address 0x1',
);
my $broken = Gatehouse->new;
for my $name (sort keys %line) {
    open my $log, '>', $broken->dir('logs/error.log') or die;
    print {$log} "fine\n$line{$name}\n";
    close $log;
    is_deeply [$broken->alarms], [$name], "seen: $line{$name}";
}
$broken->expect_killed_worker(8);
open my $log, '>', $broken->dir('logs/error.log') or die;
print {$log} "$line{'no [alert]'}\n2026/01/01 00:00:00 [alert] 7#7: worker process 8 exited on signal 9\n";
close $log;
is scalar($broken->unexpected(qr/\[alert\]/)), 1, 'only the death a test caused is forgiven';
unlink $broken->dir('logs/error.log');
$broken->finish;

# --- ports ---
my @ports = map { Gatehouse::Ports::reserve(3) } 1 .. 5;
my %once = map { $_ => 1 } @ports;
is keys %once, 15, 'no port is given out twice';

$t->done;
