package Gatehouse::MoodyPeer;

# A peer of an upstream, in a process of its own, that answers as it is told to:
#
#     my $peer = Gatehouse::MoodyPeer->start($port);
#     $peer->mood('fails');        # well fails hangs resets slow redirects talks; flaps: every third fails;
#                                  # lies: fails, while its checks pass; keeps: well, the connection stays open
#     $peer->asked;                # requests so far that were no checks, nor ours
#     $peer->checked;              # checks so far: requests of /health…
#     $peer->opened;               # connections so far by which it was asked
#
# Each answer is the peer's port; in the mood "keeps" the same whichever peer it is.

use v5.36;
use Gatehouse::Upstream;
use Gatehouse::Wait qw(now);
use Socket qw(SOL_SOCKET SO_LINGER);

our @ISA = qw(Gatehouse::Upstream);

sub mood ($self, $mood) { return $self->ask("/mood/$mood") }
sub asked ($self) { return (split ' ', $self->ask('/told'))[0] }
sub checked ($self) { return (split ' ', $self->ask('/told'))[1] }
sub opened ($self) { return (split ' ', $self->ask('/told'))[2] }
sub port ($self) { return $self->{port} }

# --- in the child ---

my %of_mood = (
    well => sub ($self, $peer) { $self->answer($peer, 200, $peer->{socket}->sockport) },
    fails => sub ($self, $peer) { $self->answer($peer, 500, 'fails') },
    flaps => sub ($self, $peer) { $self->answer($peer, ++$self->{turn}{$peer->{kind}} % 3 ? 200 : 500, 'flaps') },
    lies => sub ($self, $peer) { $self->answer($peer, $peer->{kind} =~ m{^/health} ? 200 : 500, 'lies') },
    keeps => sub ($self, $peer) {
        @$peer{qw(input kind)} = ('', undef);
        syswrite $peer->{socket}, "HTTP/1.1 200 OK\r\nETag: \"same\"\r\nContent-Length: 4\r\n\r\nkept";
        return;
    },
    redirects => sub ($self, $peer) { $self->answer($peer, 302, 'elsewhere') },
    talks => sub ($self, $peer) { $self->answer($peer, 200, 'x' x 100_000) },
    hangs => sub ($self, $peer) { return },
    slow => sub ($self, $peer) { $peer->{until} = now() + 5 },
    resets => sub ($self, $peer) {
        setsockopt $peer->{socket}, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0);
        $self->drop($peer);
    },
);

sub read ($self, $peer) {
    my $got = sysread $peer->{socket}, $peer->{input}, 65_536, length $peer->{input};
    return $self->drop($peer) if !$got;
    return if $peer->{kind} || $peer->{input} !~ /\r\n\r\n/;
    ($peer->{kind}) = $peer->{input} =~ m{^\S+ (\S+)};
    $self->{mood} = $1 if $peer->{kind} =~ m{^/mood/(\w+)};
    return $self->answer($peer, 200, join ' ', map { $_ // 0 } @$self{qw(asked checked opened)}) if $peer->{kind} =~ m{^/(?:mood|told)};
    my $check = $peer->{kind} =~ m{^/health};
    ++$self->{$check ? 'checked' : 'asked'};
    ++$self->{opened} if !$check && !$peer->{known}++;
    return $of_mood{$self->{mood} // 'well'}->($self, $peer);
}

1;
