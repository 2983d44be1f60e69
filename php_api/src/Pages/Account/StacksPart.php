<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Account;

use CrowdSky\Accounts\Accounts;
use CrowdSky\Base\Refusal;
use CrowdSky\Hips\Withdrawal;
use CrowdSky\Raws\LocalTime;
use CrowdSky\Raws\RawServices;
use CrowdSky\Series\SeriesServices;
use CrowdSky\Uploads\UploadServices;

/** Who sees the stacks, where the telescopes stand, their clocks, and the room for subs. */
final class StacksPart implements Part
{
    public static function actions(): array
    {
        return ['stacks', 'series', 'position', 'telescope', 'clock'];
    }

    public function values(AccountVisit $visit): array
    {
        return [
            'zones' => RawServices::of($visit->app)->zones()->ofOwner($visit->user->id),
            'positions' => RawServices::of($visit->app)->positions()->ofOwner($visit->user->id),
            'knownZones' => LocalTime::zones(),
            'seriesSeconds' => SeriesServices::of($visit->app)->wishes()->of($visit->user->id),
            'rawGraceHours' => $visit->app->config()->rawGraceHours,
            'failedRawDays' => $visit->app->config()->failedRawDays,
            'room' => UploadServices::of($visit->app)->quota()->room($visit->user),
        ];
    }

    public function act(AccountVisit $visit, string $action): string
    {
        [$app, $request, $userId] = [$visit->app, $visit->request, $visit->user->id];
        $accounts = new Accounts($app->database(), $app->clock());
        // Older programs send only the telescope and its zone.
        $action = $request->form('telescope') !== null && $action !== 'telescope' ? 'clock' : $action;
        match ($action) {
            'stacks' => Withdrawal::of($app)->chooseForAccount($userId, $request->form('stacks_public') === '1'),
            'series' => SeriesServices::of($app)->wishes()->set($userId, self::seconds($visit)),
            'position' => $accounts->setSharesPosition($userId, $request->form('share_position') === '1'),
            'telescope' => RawServices::of($app)->positions()->choose($userId, $request->form('telescope') ?? '', $request->form('is_shared')),
            default => RawServices::of($app)->zones()->set($userId, $request->form('telescope') ?? '', $request->form('time_zone') ?? ''),
        };

        return $visit->texts->say('Saved. It counts from now on.');
    }

    private static function seconds(AccountVisit $visit): ?int
    {
        $seconds = $visit->request->form('seconds') ?? '';

        return match (true) {
            $seconds === '' => null,
            ctype_digit($seconds) => (int) $seconds,
            default => throw Refusal::badInput("'seconds' must be one of the lengths that the page offers")->at('seconds'),
        };
    }
}
