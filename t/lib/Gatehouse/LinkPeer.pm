package Gatehouse::LinkPeer;

# Either end of the link by hand, for what no honest peer does: packets of any bytes, and what comes back.
# Descriptors cannot be sent from here; gatehouse_publisher sends those.

use v5.36;
use Exporter 'import';
use Errno qw(ECONNRESET);
use IO::Select;
use POSIX ();
use Socket qw(PF_UNIX pack_sockaddr_un);
use Gatehouse::Wait qw(now stretched);

use constant { SOCK_SEQPACKET => 5, HELLO => 1, APPLIED => 2, PUBLISH => 16, REFUSED => 22 };

our @EXPORT_OK = qw(packet as_nobody HELLO APPLIED PUBLISH REFUSED);

# A packet of the link: overrides as magic =>, version =>, size =>.
sub packet ($type, $payload = '', %with) {
    return pack('L< S< S< L< L< Q< q<', $with{magic} // 0x4c48_5447, $with{version} // 3, $type,
        $with{size} // length $payload, 0, $with{generation} // 0, 0) . $payload;
}

sub new ($class, $socket) { return bless {socket => $socket}, $class }

sub connect ($class, $path) {
    socket(my $socket, PF_UNIX, SOCK_SEQPACKET, 0) or die "socket: $!";
    return CORE::connect($socket, pack_sockaddr_un($path)) ? $class->new($socket) : undef;
}

# Listens in the sidecar's place.
sub listen ($class, $path) {
    socket(my $socket, PF_UNIX, SOCK_SEQPACKET, 0) or die "socket: $!";
    unlink $path;
    bind($socket, pack_sockaddr_un($path)) or die "bind $path: $!";
    CORE::listen($socket, 128) or die "listen: $!";
    return $class->new($socket);
}

# The next connection, or undef if none comes in time.
sub accept ($self, $timeout = 10) {
    IO::Select->new($self->{socket})->can_read($timeout) or return;
    CORE::accept(my $peer, $self->{socket}) or return;
    return ref($self)->new($peer);
}

sub send ($self, $bytes) {
    local $SIG{PIPE} = 'IGNORE';
    return defined CORE::send($self->{socket}, $bytes, 0);
}

# The next packet as {type, payload}; undef at the end of the connection or if none comes in time, and
# then ended() tells which.
sub receive ($self, $timeout = 10) {
    $timeout > 0 && IO::Select->new($self->{socket})->can_read($timeout) or return;
    my $bytes = '';
    my $got = recv($self->{socket}, $bytes, 70_000, 0);
    # Said once where the peer closed with packets unread, before its last words.
    $got = recv($self->{socket}, $bytes, 70_000, 0) if !defined $got && $!{ECONNRESET};
    if (!defined $got || $bytes eq '') {
        $self->{ended} = 1;
        return;
    }
    my ($type, $payload) = (unpack 'x6 S< x24 a*', $bytes);
    return {type => $type, payload => $payload};
}

# Runs code in a process of the user nobody; returns what it returned, as text.
sub as_nobody ($code) {
    pipe(my $reader, my $writer) or die "pipe: $!";
    my $pid = fork // die "fork: $!";
    if ($pid == 0) {
        $) = '65534 65534';  # the groups first: nobody may not change them
        POSIX::setgid(65534);
        POSIX::setuid(65534);
        print {$writer} $code->();
        close $writer;
        POSIX::_exit(0);
    }
    close $writer;
    my $answer = do { local $/; readline $reader };
    waitpid $pid, 0;
    return $answer;
}

sub ended ($self) { return $self->{ended} }

# Reads to the end of the connection: the last packet before it, or undef if it does not end in time.
sub last_packet ($self, $timeout = 10) {
    my $last = {type => 0, payload => ''};
    # Not a time for each: to a peer that is welcome there is no end of heartbeats.
    my $deadline = now() + stretched($timeout);
    while (my $packet = $self->receive($deadline - now())) {
        $last = $packet;
    }
    return $self->ended ? $last : undef;
}

1;
