<?php
/**
 * Keys to the data API with the forms that create and revoke them.
 *
 * @var list<CrowdSky\Accounts\DataKey> $keys
 * @var ?string $newKey that was created just now
 * @var bool $isService
 * @var string $page that the forms are sent to
 * @var string $now stored form
 * @var string $csrfToken
 * @var Closure $e
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var Closure $time
 */
use CrowdSky\Accounts\DataKey;

$meanings = [
    DataKey::READ => $isService ? $t('read public stacks') : $t('read the archive'),
    DataKey::READ_ALL => $t('read private stacks too'),
    DataKey::UPLOAD => $t('send and fetch your files'),
];
?>
<?php if ($newKey !== null) : ?>
<div class="note" role="status">
    <p><?= $t('This is the new key. It is shown only now; keep it like a password.') ?></p>
    <p><code class="long"><?= $e($newKey) ?></code></p>
</div>
<?php endif ?>
<form class="inline" method="post" action="<?= $e($page) ?>#keys">
    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
    <input type="hidden" name="form_action" value="create_key">
    <label for="key-name"><?= $t('Name of a new key') ?></label>
    <input id="key-name" name="name" required maxlength="64" placeholder="<?= $t('notebook') ?>">
    <label for="key-day"><?= $t('Last day <span class="hint">(optional)</span>') ?></label>
    <input id="key-day" name="last_day" type="date">
<?php if ($isService) : ?>
    <label><input type="checkbox" name="read_all" value="1"> <?= $t('reads private stacks too') ?></label>
<?php else : ?>
    <label><input type="checkbox" name="scopes[]" value="read" checked> <?= $t('reads the archive') ?></label>
    <label><input type="checkbox" name="scopes[]" value="upload"> <?= $t('sends and fetches your files') ?></label>
<?php endif ?>
    <button><?= $t('Create key') ?></button>
</form>
<?php if ($keys !== []) : ?>
<div class="scroll" role="region" aria-label="<?= $t('Keys') ?>" tabindex="0">
<table class="stacked">
    <thead><tr><th><?= $t('Key') ?></th><th><?= $t('May do') ?></th><th><?= $t('Created') ?></th><th><?= $t('Last used') ?></th><th><?= $t('Valid until') ?></th><th><?= $t('Revoke') ?></th></tr></thead>
    <tbody>
<?php foreach ($keys as $key) : ?>
        <tr>
            <td class="title" data-label="<?= $t('Key') ?>"><?= $e($key->name) ?><br><code><?= $e($key->hint) ?>…</code></td>
            <td data-label="<?= $t('May do') ?>"><?= implode(', ', array_intersect_key($meanings, array_flip($key->scopes))) ?></td>
            <td data-label="<?= $t('Created') ?>"><?= $time($key->createdAt) ?></td>
            <td data-label="<?= $t('Last used') ?>"><?= $time($key->lastUsedAt) ?><?= $key->lastIp === null ? '' : '<br><span class="hint">' . $t('from {address}', ['address' => $key->lastIp]) . '</span>' ?></td>
            <td data-label="<?= $t('Valid until') ?>"><?= $time($key->expiresAt) ?><?= $key->isExpired($now) ? ' <span class="hint">' . $t('expired') . '</span>' : '' ?></td>
            <td>
<?php if ($key->revokedAt === null) : ?>
                <form method="post" action="<?= $e($page) ?>">
                    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
                    <input type="hidden" name="form_action" value="revoke_key">
                    <input type="hidden" name="key_id" value="<?= $e($key->id) ?>">
                    <button class="second"><?= $t('Revoke') ?></button>
                </form>
<?php else : ?>
                <?= $t('revoked {when}', ['when' => $time($key->revokedAt)]) ?>
<?php endif ?>
            </td>
        </tr>
<?php endforeach ?>
    </tbody>
</table>
</div>
<?php endif ?>
