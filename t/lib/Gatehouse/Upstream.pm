package Gatehouse::Upstream;

# An application behind nginx that holds its requests, in a process of its own, and counts how many it has
# at once:
#
#     /hold…     answers when it is told to release(), or never
#     /drip…     sends its header and a first line at once, the rest on release()
#     /events…   an event stream that goes on until release(), or the client closes
#     /ws…       RFC 6455: a handshake, then every text frame comes back; a plain 200 to other requests
#     /work…     answers after 2 ms
#     /echo…     answers with the request as it came, its body included
#     others     answer at once
#
# Every answer closes its connection; all are text/plain but the event stream.

use v5.36;
use Digest::SHA qw(sha1_base64);
use IO::Select;
use IO::Socket::INET;
use POSIX ();
use Gatehouse::Wait qw(now wait_for);

sub start ($class, $port) {
    my $listener = IO::Socket::INET->new(
        LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 512, ReuseAddr => 1) or die "port $port: $!";
    my $pid = fork // die "fork: $!";
    if ($pid == 0) {
        $SIG{TERM} = $SIG{INT} = sub { POSIX::_exit(0) };
        eval { $class->serve($listener); 1 } or warn $@;
        POSIX::_exit(1);
    }
    return bless {pid => $pid, port => $port, owner => $$}, $class;
}

sub ask ($self, $path) {
    my $response = Gatehouse::Http->new(port => $self->{port})->get($path);
    return $response->{body};
}

# How many requests it has now that are not answered to the end; the most it ever had since reset().
sub active ($self) { return (split ' ', $self->ask('/count'))[0] }
sub most ($self) { return (split ' ', $self->ask('/count'))[1] }
sub reset ($self) { return $self->ask('/reset') }
sub release ($self) { return $self->ask('/release') }
sub wait_for_active ($self, $count) {
    my $last = '?';
    return 1 if eval { wait_for(sub { ($last = $self->active) == $count }, 10, "$count active"); 1 };
    die "the application has $last requests, not $count\n";
}

sub DESTROY ($self) {
    return if $self->{owner} != $$;
    local ($?, $!);
    kill 'TERM', $self->{pid};
    waitpid $self->{pid}, 0;
    return;
}

# --- in the child ---

sub serve ($class, $listener) {
    my $self = bless {select => IO::Select->new($listener), peers => {}, most => 0}, $class;
    $SIG{PIPE} = 'IGNORE';
    while (1) {
        my @working = grep { $_->{until} } values %{$self->{peers}};
        for my $socket ($self->{select}->can_read(@working ? 0.001 : 1)) {
            if ($socket == $listener) {
                my $peer = $listener->accept or next;
                $self->{select}->add($peer);
                $self->{peers}{$peer} = {socket => $peer, input => ''};
            } else {
                $self->read($self->{peers}{$socket});
            }
        }
        my $now = now();
        $self->answer($_, 200, "done\n") for grep { $_->{until} && $_->{until} <= $now } values %{$self->{peers}};
    }
}

sub read ($self, $peer) {
    my $got = sysread $peer->{socket}, $peer->{input}, 65_536, length $peer->{input};
    return $self->drop($peer) if !$got;
    return $self->echo($peer) if $peer->{websocket};
    return if $peer->{kind} || $peer->{input} !~ /\r\n\r\n/;
    return if $peer->{input} =~ m{^\S+ /echo.*?\r\n\r\n}s && length $peer->{input} < $+[0] + body_size($peer->{input});
    my ($path) = $peer->{input} =~ /^\S+ (\S+)/;
    $peer->{kind} = $path =~ m{^/(hold|drip|events|ws|work|echo|count|reset|release)} ? $1 : 'other';
    my $code = $self->can("on_$peer->{kind}");
    return $self->$code($peer);
}

sub begin ($self, $peer) {
    $peer->{active} = 1;
    my $active = $self->active_now;
    $self->{most} = $active if $active > $self->{most};
    return;
}

sub active_now ($self) { return scalar grep { $_->{active} } values %{$self->{peers}} }
sub on_hold ($self, $peer) { return $self->begin($peer) }
sub on_other ($self, $peer) { return $self->answer($peer, 200, "hello\n") }
sub body_size ($request) { return $request =~ /^Content-Length: (\d+)\r$/mi ? $1 : 0 }
sub on_echo ($self, $peer) { return $self->answer($peer, 200, $peer->{input}) }
sub on_count ($self, $peer) { return $self->answer($peer, 200, $self->active_now . " $self->{most}\n") }

sub on_drip ($self, $peer) {
    $self->begin($peer);
    $peer->{started} = 1;
    syswrite $peer->{socket}, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nfirst\n";
    return;
}

sub on_events ($self, $peer) {
    $self->begin($peer);
    $peer->{started} = 1;
    syswrite $peer->{socket}, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nX-Accel-Buffering: no\r\n"
        . "Connection: close\r\n\r\ndata: 1\n\n";
    return;
}

sub on_work ($self, $peer) {
    $self->begin($peer);
    $peer->{until} = now() + 0.002;
    return;
}

sub on_reset ($self, $peer) {
    $self->{most} = 0;
    return $self->answer($peer, 200, "reset\n");
}

sub on_release ($self, $peer) {
    $self->answer($_, 200, "done\n") for grep { $_->{active} } values %{$self->{peers}};
    return $self->answer($peer, 200, "released\n");
}

sub on_ws ($self, $peer) {
    my ($key) = $peer->{input} =~ /^Sec-WebSocket-Key: (\S+)\r$/mi;
    return $self->answer($peer, 200, "plain\n") if !$key || $peer->{input} !~ /^Upgrade: websocket\r$/mi;
    my $accept = sha1_base64("${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11") . '=';
    syswrite $peer->{socket}, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
        . "Connection: Upgrade\r\nSec-WebSocket-Accept: $accept\r\n\r\n";
    $peer->{input} =~ s/.*?\r\n\r\n//s;
    $peer->{websocket} = 1;
    return $self->begin($peer);
}

# Frames of up to 125 bytes, masked as a client's are.
sub echo ($self, $peer) {
    while (length $peer->{input} >= 6) {
        my ($first, $second) = unpack 'CC', $peer->{input};
        my $size = $second & 127;
        return if length $peer->{input} < 6 + $size;
        my $frame = substr $peer->{input}, 0, 6 + $size, '';
        my $text = substr($frame, 6) ^. substr(substr($frame, 2, 4) x 32, 0, $size);
        return $self->drop($peer) if ($first & 15) == 8;
        syswrite $peer->{socket}, pack('CC', $first, $size) . $text;
    }
    return;
}

sub answer ($self, $peer, $status, $body) {
    my $head = $peer->{started} || $peer->{websocket} ? ''
        : "HTTP/1.1 $status OK\r\nContent-Type: text/plain\r\nETag: \"same\"\r\nConnection: close\r\nContent-Length: "
        . length($body) . "\r\n\r\n";
    my $bytes = $head . $body;
    while (length $bytes) {
        my $sent = syswrite($peer->{socket}, $bytes) // last;
        substr($bytes, 0, $sent) = '';
    }
    return $self->drop($peer);
}

sub drop ($self, $peer) {
    $self->{select}->remove($peer->{socket});
    delete $self->{peers}{$peer->{socket}};
    close $peer->{socket};
    return;
}

1;
