<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Account;

use CrowdSky\Accounts\DataKey;
use CrowdSky\Accounts\DataKeys;
use CrowdSky\Base\Utc;
use CrowdSky\Pages\Notes;

/** The user's keys for programs. */
final class KeysPart implements Part
{
    public static function actions(): array
    {
        return ['create_key', 'revoke_key'];
    }

    public function values(AccountVisit $visit): array
    {
        return [
            'keys' => self::keys($visit)->ofUser($visit->user->id),
            'newKey' => Notes::takeSecrets($visit->visitor, $visit->app->clock(), DataKey::PERSONAL)[0] ?? null,
            'now' => Utc::stored($visit->app->clock()->now()),
        ];
    }

    public function act(AccountVisit $visit, string $action): string
    {
        $request = $visit->request;
        if ($action === 'revoke_key') {
            self::keys($visit)->revoke($request->formId('key_id'), $visit->user->id);

            return $visit->texts->say('The key is revoked.');
        }
        $scopes = $request->formTexts('scopes');
        $key = self::keys($visit)->createPersonal($visit->user->id, $request->form('name') ?? '', $scopes, $request->form('last_day'));
        Notes::leaveSecrets($visit->visitor, $visit->app->clock(), DataKey::PERSONAL, [$key]);

        return $visit->texts->say('The key is created.');
    }

    private static function keys(AccountVisit $visit): DataKeys
    {
        return new DataKeys($visit->app->database(), $visit->app->clock());
    }
}
