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
 * @var Closure $time
 * @var Closure $partial
 */
use CrowdSky\Accounts\User;
use CrowdSky\Base\Format;

$hidden = static fn (int|string $id): string => '<input type="hidden" name="csrf_token" value="' . $e($csrfToken) . '">'
    . '<input type="hidden" name="user_id" value="' . $e($id) . '"><input type="hidden" name="return" value="' . $e($pager->address($pager->page)) . '">';
?>
<h1>Users</h1>
<?php if ($newCode !== null) : ?>
<div class="note" role="status">
    <p><?= $t('The code is shown only now. Give it to the owner of the account: within an hour it sets a new password on the page') ?>
        <a href="reset.php">reset.php</a>.</p>
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
<div class="scroll" role="region" aria-label="Users" tabindex="0">
<table class="stacked wide users">
    <thead><tr><th>Name</th><th>Role</th><th>Since</th><th>Last login</th><th>Raw subs</th><th>Limit in GB</th><th>Stacks</th><th><span class="unseen"><?= $t('Actions') ?></span></th></tr></thead>
    <tbody>
<?php foreach ($users as $account) : ?>
        <tr id="user-<?= $e($account['id']) ?>">
            <td data-label="Name"><?= $e($account['username']) ?>
                <?= $account['email'] === null ? '' : '<br><span class="hint">' . $e($account['email']) . '</span>' ?></td>
            <td data-label="Role"><?= $e($account['role']) ?></td>
            <td data-label="Since"><?= $e(substr($account['created_at'], 0, 10)) ?></td>
            <td data-label="Last login"><?= $time($account['last_login_at']) ?></td>
            <td data-label="Raw subs"><?= $e(Format::bytes($account['raw_bytes'])) ?></td>
            <td data-label="Limit in GB">
                <form class="inline" method="post" action="admin_users.php">
                    <?= $hidden($account['id']) ?>

                    <input type="number" name="quota_gb" min="0" step="any" aria-label="Limit of <?= $e($account['username']) ?> in GB"
                           value="<?= $account['quota_bytes'] === null ? '' : $e($account['quota_bytes'] / 1e9) ?>"
                           placeholder="<?= $defaultQuotaBytes === null ? 'none' : $e($defaultQuotaBytes / 1e9) ?>">
                    <button class="second" name="action" value="quota">Set</button>
                </form>
            </td>
            <td data-label="Stacks"><?= $e($account['stacks']) ?></td>
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
                    <button class="second" name="action" value="lock">Lock</button>
                    <button class="second" name="action" value="<?= $account['role'] === User::ROLE_ADMIN ? 'make_user' : 'make_admin' ?>"><?= $account['role'] === User::ROLE_ADMIN ? $t('No admin any more') : $t('Make an admin') ?></button>
<?php elseif ($account['is_leaving']) : ?>
                    <span class="hint"><?= $t('is being deleted, as its owner wants') ?></span>
<?php elseif ($account['awaits_approval']) : ?>
                    <button name="action" value="unlock">Approve</button>
                    <button class="second" name="action" value="reject">Reject</button> <span class="hint">waits for approval</span>
<?php else : ?>
                    <button class="second" name="action" value="unlock">Unlock</button> <span class="hint">locked</span>
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
