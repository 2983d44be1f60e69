<?php
/**
 * @var list<array<string, mixed>> $users
 * @var string $find what names and addresses have in them; empty for all
 * @var int $total how many there are
 * @var CrowdSky\Pages\Pager $pager
 * @var ?int $defaultQuotaBytes  for accounts without a limit of their own; null for none
 * @var CrowdSky\Accounts\User $user  the admin who looks
 * @var string $csrfToken
 * @var ?string $newCode  for a new password, made just now
 * @var Closure $e
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $time
 * @var Closure $partial
 */
use CrowdSky\Accounts\User;
use CrowdSky\Pages\Figures;

$hidden = static fn (int|string $id): string => '<input type="hidden" name="csrf_token" value="' . $e($csrfToken) . '">'
    . '<input type="hidden" name="user_id" value="' . $e($id) . '"><input type="hidden" name="return" value="' . $e($pager->address($pager->page)) . '">';
?>
<h1><?= $t('Users') ?></h1>
<?php if ($newCode !== null) : ?>
<div class="note" role="status">
    <p><?= $t('The code is shown only now. Give it to the owner of the account: within an hour it sets a new password on <a href="reset.php">this page</a>.') ?></p>
    <p><code class="long"><?= $e($newCode) ?></code></p>
</div>
<?php endif ?>
<form class="inline" method="get" action="admin_users.php" role="search">
    <label for="find"><?= $t('Name or address') ?></label>
    <input id="find" name="find" value="<?= $e($find) ?>" maxlength="100">
    <button class="second"><?= $t('Search') ?></button>
<?php if ($find !== '') : ?>
    <a href="admin_users.php"><?= $t('Show all') ?></a>
<?php endif ?>
    <span class="hint"><?= $t->count($total, '{n} account', '{n} accounts') ?></span>
</form>
<div class="scroll" role="region" aria-label="<?= $t('Users') ?>" tabindex="0">
<table class="stacked wide users">
    <thead><tr><th><?= $t('Name') ?></th><th><?= $t('Role') ?></th><th><?= $t('Since') ?></th><th><?= $t('Last login') ?></th><th class="number"><?= $t('Raw subs') ?></th><th><?= $t('Limit in GB') ?></th><th class="number"><?= $t('Stacks') ?></th><th><span class="unseen"><?= $t('Actions') ?></span></th></tr></thead>
    <tbody>
<?php foreach ($users as $account) : ?>
        <tr id="user-<?= $e($account['id']) ?>">
            <td class="title" data-label="<?= $t('Name') ?>"><?= $e($account['username']) ?>
                <?= $account['email'] === null ? '' : '<br><span class="hint">' . $e($account['email']) . '</span>' ?></td>
            <td data-label="<?= $t('Role') ?>"><?= $account['role'] === 'admin' ? $t('admin') : $t('user') ?></td>
            <td data-label="<?= $t('Since') ?>"><?= $e(substr($account['created_at'], 0, 10)) ?></td>
            <td data-label="<?= $t('Last login') ?>"><?= $time($account['last_login_at']) ?></td>
            <td class="number" data-label="<?= $t('Raw subs') ?>"><?= $e(Figures::bytes($texts, $account['raw_bytes'])) ?></td>
            <td data-label="<?= $t('Limit in GB') ?>">
                <form class="inline" method="post" action="admin_users.php">
                    <?= $hidden($account['id']) ?>

                    <input type="number" name="quota_gb" min="0" step="any" aria-label="<?= $t('Limit of {name} in GB', ['name' => $account['username']]) ?>"
                           value="<?= $account['quota_bytes'] === null ? '' : $e($account['quota_bytes'] / 1e9) ?>"
                           placeholder="<?= $defaultQuotaBytes === null ? $t('none') : $e(Figures::plain($texts, $defaultQuotaBytes / 1e9)) ?>">
                    <button class="second" name="action" value="quota"><?= $t('Set') ?></button>
                </form>
            </td>
            <td class="number" data-label="<?= $t('Stacks') ?>"><?= $t->number((int) $account['stacks']) ?></td>
            <td>
<?php if (str_starts_with($account['username'], User::NOBODY)) : ?>
                <span class="hint"><?= $t('has left; its public stacks stay') ?></span>
<?php elseif ((int) $account['id'] !== $user->id) : ?>
                <div class="account-actions">
                <form method="post" action="admin_users.php">
                    <?= $hidden($account['id']) ?>

                    <button class="second" name="action" value="new_password"><?= $t('New password') ?></button>
<?php if ($account['has_factor']) : ?>
                    <button class="second" name="action" value="reset_factor"><?= $t('Second factor off') ?></button>
<?php endif ?>
<?php if ($account['is_active']) : ?>
                    <button class="second" name="action" value="lock"><?= $t('Lock') ?></button>
                    <button class="second" name="action" value="<?= $account['role'] === User::ROLE_ADMIN ? 'make_user' : 'make_admin' ?>"><?= $account['role'] === User::ROLE_ADMIN ? $t('No admin any more') : $t('Make an admin') ?></button>
<?php elseif ($account['is_leaving']) : ?>
                    <span class="hint"><?= $t('is being deleted, as its owner wants') ?></span>
<?php elseif ($account['awaits_approval']) : ?>
                    <button name="action" value="unlock"><?= $t('Approve') ?></button>
                    <button class="second" name="action" value="reject"><?= $t('Reject') ?></button> <span class="hint"><?= $t('waits for approval') ?></span>
<?php else : ?>
                    <button class="second" name="action" value="unlock"><?= $t('Unlock') ?></button> <span class="hint"><?= $t('locked') ?></span>
<?php endif ?>
                </form>
<?php if (!$account['is_leaving'] && !$account['awaits_approval']) : ?>
                <details>
                    <summary><?= $t('Delete…') ?></summary>
                    <form method="post" action="admin_users.php">
                        <?= $hidden($account['id']) ?>

                        <p><?= $t('This deletes the account with all its subs and private stacks for good.') ?></p>
                        <label><input type="radio" name="public_stacks" value="keep" checked> <?= $t('its public stacks stay, without a name') ?></label>
                        <label><input type="radio" name="public_stacks" value="delete"> <?= $t('its public stacks go too') ?></label>
                        <button class="danger" name="action" value="delete"><?= $t('Delete {name}', ['name' => $account['username']]) ?></button>
                    </form>
                </details>
<?php endif ?>
                </div>
<?php endif ?>
            </td>
        </tr>
<?php endforeach ?>
    </tbody>
</table>
</div>
<?= $partial('pager', ['pager' => $pager]) ?>
