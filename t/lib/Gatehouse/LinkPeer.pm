package Gatehouse::LinkPeer;

# Either end of the link by hand, for what no honest peer does: packets of any bytes, and what comes back.
# Descriptors cannot be sent from here; gatehouse_publisher sends those.

use v5.36;
use Exporter 'import';
use IO::Select;
use Socket qw(PF_UNIX pack_sockaddr_un);

use constant { SOCK_SEQPACKET => 5, HELLO => 1, APPLIED => 2, PUBLISH => 16, REFUSED => 22 };

our @EXPORT_OK = qw(packet HELLO APPLIED PUBLISH REFUSED);

# A packet of the link: overrides as magic =>, version =>, size =>.
sub packet ($type, $payload = '', %with) {
    return pack('L< S< S< L< L< Q< q<', $with{magic} // 0x4c48_5447, $with{version} // 1, $type,
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
    IO::Select->new($self->{socket})->can_read($timeout) or return;
    my $bytes = '';
    if (!defined recv($self->{socket}, $bytes, 70_000, 0) || $bytes eq '') {
        $self->{ended} = 1;
        return;
    }
    my ($type, $payload) = (unpack 'x6 S< x24 a*', $bytes);
    return {type => $type, payload => $payload};
}

sub ended ($self) { return $self->{ended} }

# Reads to the end of the connection: the last packet before it, or undef if it does not end in time.
sub last_packet ($self, $timeout = 10) {
    my $last = {type => 0, payload => ''};
    while (my $packet = $self->receive($timeout)) {
        $last = $packet;
    }
    return $self->ended ? $last : undef;
}

1;
