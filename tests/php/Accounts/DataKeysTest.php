<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Accounts;

use CrowdSky\Accounts\Accounts;
use CrowdSky\Accounts\DataKey;
use CrowdSky\Accounts\DataKeys;
use CrowdSky\Base\Refusal;
use CrowdSky\Database\Database;
use CrowdSky\Sky\Viewer;
use CrowdSky\Tests\Database\StillClock;
use CrowdSky\Tests\Database\TestDatabase;
use CrowdSky\Workers\KeyStore;
use PHPUnit\Framework\TestCase;

final class DataKeysTest extends TestCase
{
    private StillClock $clock;
    private Database $database;
    private DataKeys $keys;
    private int $userId;

    protected function setUp(): void
    {
        $this->clock = new StillClock();
        $this->database = TestDatabase::create($this->clock);
        $this->keys = new DataKeys($this->database, $this->clock);
        $this->userId = (new Accounts($this->database, $this->clock))->create('ann', 'correct horse', null)->id;
    }

    public function testAKeyIsFoundByItselfAndByNothingElse(): void
    {
        $key = $this->keys->createPersonal($this->userId, 'Läptop', [DataKey::READ], null);

        self::assertMatchesRegularExpression('/^csk_[0-9a-f]{64}$/', $key);
        self::assertSame('Läptop', $this->keys->find($key)?->name);
        foreach (['', 'csk_', substr($key, 0, -1), "$key ", strtoupper($key), hash('sha256', $key)] as $other) {
            self::assertNull($this->keys->find($other));
        }
        self::assertStringNotContainsString($key, json_encode($this->database->all('SELECT * FROM api_keys'), JSON_THROW_ON_ERROR));
    }

    public function testKeysOfWorkersAreOthers(): void
    {
        $workers = new KeyStore($this->database, $this->clock);
        $worker = $workers->create('barn', [KeyStore::SCOPE_JOBS]);
        $service = $this->keys->createService('survey', true, null);

        self::assertNull($this->keys->find($worker));
        self::assertNull($workers->find($service));
        self::assertNull($workers->find($this->keys->createPersonal($this->userId, 'mine', [DataKey::READ], null)));
        self::assertFalse($this->keys->revoke(1, null));
        self::assertFalse($workers->revoke(2));
        self::assertCount(1, $workers->all());
    }

    public function testAKeyEndsWithItsLastDay(): void
    {
        $key = $this->keys->createPersonal($this->userId, 'short', [DataKey::READ], '2026-01-02');
        self::assertNotNull($this->keys->find($key));

        $this->clock->pass(86_400_000);

        self::assertNull($this->keys->find($key));
    }

    /** @dataProvider wrongDays */
    public function testAWrongLastDayIsRefused(string $day): void
    {
        $this->expectException(Refusal::class);

        $this->keys->createService('survey', false, $day);
    }

    /** @return iterable<array{string}> */
    public static function wrongDays(): iterable
    {
        yield ['2026-01-01'];
        yield ['2026-02-30'];
        yield ['tomorrow'];
        yield ['2027-1-1'];
    }

    public function testRevokedKeysAndThoseOfLockedAccountsOpenNothing(): void
    {
        $key = $this->keys->createPersonal($this->userId, 'mine', [DataKey::READ], null);
        $accounts = new Accounts($this->database, $this->clock);
        $accounts->setActive($this->userId, false);
        self::assertNull($this->keys->find($key));
        $accounts->setActive($this->userId, true);
        self::assertNotNull($this->keys->find($key));

        self::assertFalse($this->keys->revoke(1, $this->userId + 1), 'of another user');
        self::assertTrue($this->keys->revoke(1, $this->userId));
        self::assertFalse($this->keys->revoke(1, $this->userId));

        self::assertNull($this->keys->find($key));
    }

    public function testWhatAKeySees(): void
    {
        $sees = fn (string $key): array => (array) Viewer::ofKey($this->keys->find($key));

        self::assertSame(['userId' => $this->userId, 'seesAll' => false], $sees($this->keys->createPersonal($this->userId, 'mine', [DataKey::READ], null)));
        self::assertSame(['userId' => null, 'seesAll' => false], $sees($this->keys->createService('a', false, null)));
        self::assertSame(['userId' => null, 'seesAll' => true], $sees($this->keys->createService('b', true, null)));
    }

    public function testAUserHasALimitedNumberOfValidKeys(): void
    {
        for ($count = 0; $count < 50; $count++) {
            $this->keys->createPersonal($this->userId, "key $count", [DataKey::READ], null);
        }
        $this->keys->revoke(1, $this->userId);
        $this->keys->createPersonal($this->userId, 'one more', [DataKey::READ], null);

        $this->expectExceptionMessage('You have 50 keys');
        $this->keys->createPersonal($this->userId, 'too many', [DataKey::READ], null);
    }

    public function testNamesOfAnOwnersKeysAreDifferent(): void
    {
        $other = (new Accounts($this->database, $this->clock))->create('bob', 'correct horse', null)->id;
        $this->keys->createPersonal($this->userId, 'Läptop', [DataKey::READ], null);
        $this->keys->createPersonal($other, 'Läptop', [DataKey::READ], null);
        $this->keys->createService('Läptop', false, null);
        try {
            $this->keys->createPersonal($this->userId, ' LÄPTOP ', [DataKey::READ], null);
            self::fail('a second key with that name');
        } catch (Refusal $refusal) {
            self::assertSame('name_taken', $refusal->errorCode);
        }

        $this->keys->revoke(1, $this->userId);

        self::assertNotNull($this->keys->find($this->keys->createPersonal($this->userId, 'läptop', [DataKey::READ], null)));
    }

    /**
     * @param list<string> $scopes
     * @dataProvider wrongScopes
     */
    public function testAPersonalKeyGetsNoOtherScopes(array $scopes): void
    {
        $this->expectExceptionMessage('Choose what the key may do');
        $this->keys->createPersonal($this->userId, 'mine', $scopes, null);
    }

    /** @return iterable<array{list<string>}> */
    public static function wrongScopes(): iterable
    {
        yield [[]];
        yield [['jobs']];
        yield [[DataKey::READ, DataKey::READ_ALL]];
        yield [['']];
    }

    public function testTheLastUseIsRecorded(): void
    {
        $key = $this->keys->createPersonal($this->userId, 'mine', [DataKey::READ], null);
        $found = $this->keys->find($key);
        self::assertNotNull($found);
        $this->keys->noteUse($found, '192.0.2.7');

        $row = $this->keys->ofUser($this->userId)[0];
        self::assertSame(['2026-01-02 03:04:05', '192.0.2.7'], [$row->lastUsedAt, $row->lastIp]);
    }
}
