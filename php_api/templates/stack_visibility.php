<?php
/**
 * Who sees the stack, for its owner.
 *
 * @var CrowdSky\Stacks\Stack $stack
 * @var bool $isPublic
 * @var string $csrfToken
 * @var Closure $e
 */
use CrowdSky\Results\StackVisibility;

$choices = [
    [StackVisibility::Inherit, 'as my account says: ' . ($stack->isOwnerPublic ? 'public' : 'private')],
    [StackVisibility::Public, 'public'],
    [StackVisibility::Private, 'private'],
];
?>
<h2 id="visibility">Who sees it</h2>
<p><?= $isPublic ? 'Everybody can see this stack, without your name and the position of your telescope.' : 'Only you and the operators of the site see this stack.' ?>
    <a href="account.php#stacks">Setting for all stacks</a></p>
<form class="inline" method="post" action="stack.php">
    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
    <input type="hidden" name="action" value="visibility">
    <input type="hidden" name="stack_id" value="<?= $e($stack->id) ?>">
    <select name="visibility" aria-label="Who sees this stack">
<?php foreach ($choices as [$choice, $text]) : ?>
        <option value="<?= $e($choice->value) ?>"<?= $choice === $stack->visibility ? ' selected' : '' ?>><?= $e($text) ?></option>
<?php endforeach ?>
    </select>
    <button class="second">Save</button>
</form>
