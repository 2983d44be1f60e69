<?php
/**
 * @var list<array<string, mixed>> $users
 * @var CrowdSky\Accounts\User $user  the admin who looks
 * @var string $csrfToken
 * @var Closure $e
 * @var Closure $time
 */
use CrowdSky\View\Format;

?>
<h1>Users</h1>
<table class="stacked">
    <thead><tr><th>Name</th><th>E-mail</th><th>Role</th><th>Since</th><th>Last login</th><th>Raw subs</th><th>Stacks</th><th></th></tr></thead>
    <tbody>
<?php foreach ($users as $account) : ?>
        <tr>
            <td data-label="Name"><?= $e($account['username']) ?></td>
            <td data-label="E-mail"><?= $e($account['email'] ?? Format::NONE) ?></td>
            <td data-label="Role"><?= $e($account['role']) ?></td>
            <td data-label="Since"><?= $time($account['created_at']) ?></td>
            <td data-label="Last login"><?= $time($account['last_login_at']) ?></td>
            <td data-label="Raw subs"><?= $e(Format::bytes($account['raw_bytes'])) ?><?= $account['quota_bytes'] === null ? '' : ' of ' . $e(Format::bytes($account['quota_bytes'])) ?></td>
            <td data-label="Stacks"><?= $e($account['stacks']) ?></td>
            <td>
<?php if ((int) $account['id'] !== $user->id) : ?>
                <form method="post" action="admin_users.php">
                    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
                    <input type="hidden" name="user_id" value="<?= $e($account['id']) ?>">
<?php if ($account['is_active']) : ?>
                    <button class="second" name="action" value="lock">Lock</button>
<?php else : ?>
                    <button class="second" name="action" value="unlock">Unlock</button> <span class="hint">locked</span>
<?php endif ?>
                </form>
<?php endif ?>
            </td>
        </tr>
<?php endforeach ?>
    </tbody>
</table>
