package Gatehouse::Documents;

# The fenced blocks of a Markdown file, and whether what a terminal block shows is what happens.
#
# In a ```console block a line that begins with "$ " is run by bash; the lines up to the next one are
# what it prints. "…" stands for any text within a line, and alone on a line for any lines.

use v5.36;
use utf8;
use Exporter 'import';

our @EXPORT_OK = qw(blocks transcript output_pattern);

# ({info, text, line}, …): info is what follows the opening fence, line that of the first text line.
sub blocks ($file) {
    open my $in, '<:encoding(UTF-8)', $file or die "$file: $!";
    my (@blocks, $block);
    while (my $line = readline $in) {
        if ($block && $line =~ /^```\s*$/) {
            push @blocks, $block;
            undef $block;
        } elsif ($block) {
            $block->{text} .= $line;
        } elsif ($line =~ /^```(.*?)\s*$/) {
            $block = {info => $1, text => '', line => $. + 1};
        }
    }
    die "$file: a block is not closed\n" if $block;
    return @blocks;
}

# ({command, output}, …) of a console block.
sub transcript ($text) {
    my @steps;
    for my $line (split /^/, $text) {
        if ($line =~ /^\$ (.*)/s) {
            push @steps, {command => $1, output => ''};
        } else {
            die "a console block begins with a command\n" if !@steps;
            $steps[-1]{output} .= $line;
        }
    }
    return @steps;
}

sub output_pattern ($output) {
    my @lines = map { $_ eq '…' ? '(?:.*\n)*' : join('.*', map { quotemeta } split /…/, $_, -1) . '\n' }
        split /\n/, $output;
    my $pattern = join '', @lines;
    return qr/\A$pattern\z/;
}

1;
