package Gatehouse::MoodyPeer;

# A peer of an upstream, in a process of its own, that answers as it is told to:
#
#     my $peer = Gatehouse::MoodyPeer->start($port);
#     $peer->mood('fails');        # well fails hangs resets slow redirects talks; flaps: every third fails
#     $peer->asked;                # requests so far that were no checks, nor ours
#     $peer->checked;              # checks so far: requests of /health…
#
# Each answer is the peer's port.

use v5.36;
use Gatehouse::Upstream;
use Gatehouse::Wait qw(now);
use Socket qw(SOL_SOCKET SO_LINGER);

our @ISA = qw(Gatehouse::Upstream);

sub mood ($self, $mood) { return $self->ask("/mood/$mood") }
sub asked ($self) { return (split ' ', $self->ask('/told'))[0] }
sub checked ($self) { return (split ' ', $self->ask('/told'))[1] }
sub port ($self) { return $self->{port} }

# --- in the child ---

my %of_mood = (
    well => sub ($self, $peer) { $self->answer($peer, 200, $peer->{socket}->sockport) },
    fails => sub ($self, $peer) { $self->answer($peer, 500, 'fails') },
    flaps => sub ($self, $peer) { $self->answer($peer, ++$self->{turn}{$peer->{kind}} % 3 ? 200 : 500, 'flaps') },
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
    return $self->answer($peer, 200, join ' ', map { $_ // 0 } @$self{qw(asked checked)}) if $peer->{kind} =~ m{^/(?:mood|told)};
    ++$self->{$peer->{kind} =~ m{^/health} ? 'checked' : 'asked'};
    return $of_mood{$self->{mood} // 'well'}->($self, $peer);
}

1;
