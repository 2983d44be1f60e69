<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Results;

use CrowdSky\Results\ArchivedName;
use CrowdSky\Results\ResultKind;
use CrowdSky\Results\ResultPath;
use PHPUnit\Framework\TestCase;

final class ArchivedNameTest extends TestCase
{
    /** @dataProvider kinds */
    public function testReadsEveryNameThatTheSiteMakes(ResultKind $kind): void
    {
        $names = ResultPath::ofJob('/crowd.sky', 7, 'M 94_3.fits', '20260101.00_192.7_+41.1', 42);

        [$final, $attempt] = $names->names($kind, 'a12-0123abcd');

        foreach (['', '.0123456789ab.part', '.part', '.0000000002', '.0123456789ab.part.0000000017'] as $temporary) {
            self::assertEquals([7, 42, null], $this->parts($final . $temporary));
            self::assertEquals([7, 42, 'a12-0123abcd'], $this->parts($attempt . $temporary));
        }
    }

    /** @return iterable<array{ResultKind}> */
    public static function kinds(): iterable
    {
        foreach (ResultKind::cases() as $kind) {
            yield [$kind];
        }
    }

    /** @dataProvider otherNames */
    public function testEverythingElseIsForeign(string $path): void
    {
        self::assertNull(ArchivedName::parse('/crowd.sky', $path));
    }

    /** @return iterable<array{string}> */
    public static function otherNames(): iterable
    {
        yield ['/crowd.sky/stacks/user_7/M_94/notes.txt'];
        yield ['/crowd.sky/stacks/user_7/M_94/stack_k_1.txt'];
        yield ['/crowd.sky/stacks/user_7/M_94/stack_k_1.fits.bak'];
        yield ['/crowd.sky/stacks/user_7/M_94/mystack_k_1.fits'];
        yield ['/crowd.sky/stacks/user_7/M_94/stack_k_x.fits'];
        yield ['/crowd.sky/stacks/user_7/M_94/stack_k_1 (2).fits'];
        yield ['/crowd.sky/stacks/user_7/M_94/stack_k_1.fits.0002'];
        yield ['/crowd.sky/stacks/user_7/stack_k_1.fits'];
        yield ['/crowd.sky/stacks/user_7/M_94/more/stack_k_1.fits'];
        yield ['/crowd.sky/stacks/user_x/M_94/stack_k_1.fits'];
        yield ['/crowdXsky/stacks/user_7/M_94/stack_k_1.fits'];
        yield ['/crowd.sky/raws/user_7/M_94/stack_k_1.fits'];
        yield ["/crowd.sky/stacks/user_7/M_94/stack_k_1.fits\n"];
    }

    /** @return array{int, int, ?string}|null */
    private function parts(string $path): ?array
    {
        $name = ArchivedName::parse('/crowd.sky', $path);
        return $name === null ? null : [$name->userId, $name->jobId, $name->attemptTag];
    }
}
